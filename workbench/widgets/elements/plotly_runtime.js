// Holds the packed plotly.js; a chart unpacks it once per page (see chart.js).

export default { render({ el }) { el.hidden = true; } };
