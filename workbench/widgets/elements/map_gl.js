// The drawing half of the map: points on the graphics card, lost contexts, and what lies inside a polygon.

const VERTEX = `#version 300 es
layout(location=0) in vec2 at; layout(location=1) in uint category; layout(location=2) in uint state;
uniform vec2 centre, scale; uniform float size, alpha; uniform int focused; uniform sampler2D colours; uniform vec3 quiet;
flat out vec4 colour; flat out float ring;
void main() {
  vec4 c = texelFetch(colours, ivec2(int(category & 255u), int(category >> 8u)), 0);
  bool front = state != 0u;
  gl_Position = c.a == 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : vec4((at - centre) * scale, front ? -0.5 : 0.5, 1.0);
  bool dim = focused == 1 && !front;
  float a = dim ? alpha * 0.28 : front ? max(alpha, 0.85) : category == 65535u ? alpha * 0.55 : alpha;
  colour = vec4(dim ? mix(c.rgb, quiet, 0.75) : c.rgb, a);
  gl_PointSize = front ? size * 1.35 + 1.0 : size;
  ring = (state & 2u) != 0u ? 1.0 : 0.0;
}`;
const FRAGMENT = `#version 300 es
precision mediump float; flat in vec4 colour; flat in float ring; uniform vec3 ink; out vec4 pixel;
void main() {
  float d = length(gl_PointCoord - 0.5) * 2.0, w = fwidth(d);
  float a = colour.a * (1.0 - smoothstep(1.0 - w, 1.0 + w * 0.25, d));
  if (a < 0.02) discard;
  vec3 rgb = ring > 0.5 && d > 0.62 ? ink : colour.rgb;
  pixel = vec4(rgb * a, a);
}`;

const rgbOf = (hex) => [1, 3, 5].map((i) => parseInt(safeColour(hex).slice(i, i + 2), 16));

/** Owns the GL objects; `data` keeps everything needed to build them again after a lost context. */
class PointLayer {
  constructor(canvas, onChange) {
    this.canvas = canvas;
    this.data = { points: new Uint16Array(0), category: null, state: new Uint8Array(0), colours: null };
    this.lost = false;
    this.step = 1;
    canvas.addEventListener("webglcontextlost", (event) => { event.preventDefault(); this.lost = true; onChange("lost"); });
    canvas.addEventListener("webglcontextrestored", () => { this.lost = false; this.build(); onChange("restored"); });
    this.gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true, powerPreference: "high-performance" });
    if (this.gl) this.build(); else this.flat = canvas.getContext("2d");
  }
  get n() { return this.data.points.length / 2; }
  build() {
    const gl = this.gl, shader = (kind, text) => {
      const s = gl.createShader(kind);
      gl.shaderSource(s, text); gl.compileShader(s);
      if (!gl.getShaderParameter(s, gl.COMPILE_STATUS) && !gl.isContextLost()) throw new Error(gl.getShaderInfoLog(s));
      return s;
    };
    const program = this.program = gl.createProgram();
    gl.attachShader(program, shader(gl.VERTEX_SHADER, VERTEX)); gl.attachShader(program, shader(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(program); gl.useProgram(program);
    this.u = Object.fromEntries(["centre", "scale", "size", "alpha", "focused", "colours", "quiet", "ink"].map((k) => [k, gl.getUniformLocation(program, k)]));
    this.buffers = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
    this.texture = gl.createTexture();
    gl.enable(gl.BLEND); gl.depthFunc(gl.LEQUAL); gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    for (const part of ["points", "category", "state", "colours"]) this.upload(part);
  }
  set(part, value) { this.data[part] = value; if (this.gl && !this.lost) this.upload(part); }
  upload(part) {
    const { gl } = this, value = this.data[part], slot = { points: 0, category: 1, state: 2 }[part];
    if (slot === undefined) {
      if (!value) return;
      gl.bindTexture(gl.TEXTURE_2D, this.texture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 256, 0, gl.RGBA, gl.UNSIGNED_BYTE, value);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST); gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
      return;
    }
    if (slot === 1 && !value) { gl.disableVertexAttribArray(1); gl.vertexAttribI4ui(1, 65535, 0, 0, 0); return; }
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[slot]);
    gl.bufferData(gl.ARRAY_BUFFER, value, slot === 2 ? gl.DYNAMIC_DRAW : gl.STATIC_DRAW);
    gl.enableVertexAttribArray(slot);
    this.point(slot);
  }
  // A longer stride draws every step-th point from the same buffers.
  point(slot) {
    const { gl, step } = this, width = [4, 2, 1][slot];
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[slot]);
    if (slot === 0) gl.vertexAttribPointer(0, 2, gl.UNSIGNED_SHORT, true, width * step, 0);
    else gl.vertexAttribIPointer(slot, 1, slot === 1 ? gl.UNSIGNED_SHORT : gl.UNSIGNED_BYTE, width * step, 0);
  }
  /** Milliseconds of one full drawing, waiting for the card; asked once per set of points. */
  time(view, look) {
    const start = performance.now();
    this.draw(view, look);
    this.gl?.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, new Uint8Array(4));
    return performance.now() - start;
  }
  /** step: draw every step-th point only. view: {cx, cy, k} with k device pixels per unit; look: {size, alpha, focused, quiet, ink}. */
  draw(view, look, step = 1) {
    const { gl, canvas } = this;
    if (this.flat) return this.drawFlat(view, look);
    if (this.lost || gl.isContextLost()) return;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0); gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    if (!this.n) return;
    const { u } = this;
    if (step !== this.step) { this.step = Math.min(step, 60); for (const slot of this.data.category ? [0, 1, 2] : [0, 2]) this.point(slot); }
    gl.uniform2f(u.centre, view.cx, view.cy); gl.uniform2f(u.scale, (2 * view.k) / canvas.width, (2 * view.k) / canvas.height);
    gl.uniform1f(u.size, look.size); gl.uniform1f(u.alpha, look.alpha); gl.uniform1i(u.focused, look.focused ? 1 : 0); gl.uniform1i(u.colours, 0);
    gl.uniform3f(u.quiet, ...look.quiet); gl.uniform3f(u.ink, ...look.ink);
    // Depth keeps chosen points above the others in one pass, whatever their order.
    if (look.focused) gl.enable(gl.DEPTH_TEST); else gl.disable(gl.DEPTH_TEST);
    gl.drawArrays(gl.POINTS, 0, Math.ceil(this.n / this.step));
  }
  /** Without WebGL2: an even sample of at most 40,000 points, said so beside the map. */
  drawFlat(view, look) {
    const { flat: ctx, canvas, n } = this, { points, category, state, colours } = this.data, step = Math.max(1, Math.ceil(n / 40000));
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < n; i += step) {
      const c = (category ? category[i] : 65535) * 4;
      if (!colours?.[c + 3]) continue;
      ctx.globalAlpha = look.focused && !state[i] ? 0.15 : 0.7;
      ctx.fillStyle = `rgb(${colours[c]},${colours[c + 1]},${colours[c + 2]})`;
      const x = (points[2 * i] / 65535 - view.cx) * view.k + canvas.width / 2, y = canvas.height / 2 - (points[2 * i + 1] / 65535 - view.cy) * view.k;
      ctx.fillRect(x - look.size / 2, y - look.size / 2, look.size, look.size);
    }
  }
}

function insidePolygon(x, y, polygon) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i], [xj, yj] = polygon[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * Call found(i) for every shown point inside the polygon (16-bit units). The polygon is first painted onto a small
 * picture: a point on a fully painted pixel is in, on an empty one out, and only points on its rim are computed.
 */
function pointsInside(polygon, { points, category }, shown, found) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of polygon) { x0 = Math.min(x0, x); y0 = Math.min(y0, y); x1 = Math.max(x1, x); y1 = Math.max(y1, y); }
  if (!(x1 > x0 && y1 > y0)) return;
  const side = 512, sx = side / (x1 - x0), sy = side / (y1 - y0);
  const picture = h("canvas"); picture.width = picture.height = side + 2;
  const ctx = picture.getContext("2d", { willReadFrequently: true });
  ctx.fillStyle = ctx.strokeStyle = "#000"; ctx.lineWidth = 2.5;
  ctx.beginPath();
  for (const [x, y] of polygon) ctx.lineTo((x - x0) * sx, (y - y0) * sy);
  ctx.closePath(); ctx.fill("evenodd");
  const fill = ctx.getImageData(0, 0, side + 2, side + 2).data;
  ctx.clearRect(0, 0, side + 2, side + 2); ctx.stroke();
  const rim = ctx.getImageData(0, 0, side + 2, side + 2).data;
  for (let i = 0, n = points.length / 2; i < n; i++) {
    const x = points[2 * i], y = points[2 * i + 1];
    if (x < x0 || x > x1 || y < y0 || y > y1 || !shown[category ? category[i] : 65535]) continue;
    const at = (((y - y0) * sy | 0) * (side + 2) + ((x - x0) * sx | 0)) * 4 + 3;
    if (rim[at] ? insidePolygon(x, y, polygon) : fill[at] > 127) found(i);
  }
}
