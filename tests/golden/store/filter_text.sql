((contains(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f0) AND regexp_matches(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f1)) OR (contains(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f0) AND regexp_matches(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f1)) OR (contains(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f2) AND regexp_matches(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f3)) OR (contains(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f2) AND regexp_matches(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f3)))
AND ((contains(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f4) AND regexp_matches(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f5)) OR (contains(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f4) AND regexp_matches(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f5)))
AND ((contains(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f6) AND regexp_matches(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f7)) OR (contains(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f6) AND regexp_matches(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f7)))
AND ((contains(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f8) AND regexp_matches(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f9)) OR (contains(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f8) AND regexp_matches(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f9)))
AND NOT ((contains(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f10) AND regexp_matches(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $f11)) OR (contains(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f10) AND regexp_matches(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $f11)))

-- by relevance
(3 * (length(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $o0, ''))) / length($o0) + 1 * (length(replace(lower(nfc_normalize(m.body)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $o0, ''))) / length($o0) + 3 * (length(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $o1, ''))) / length($o1) + 1 * (length(replace(lower(nfc_normalize(m.body)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $o1, ''))) / length($o1) + 3 * (length(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $o2, ''))) / length($o2) + 1 * (length(replace(lower(nfc_normalize(m.body)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $o2, ''))) / length($o2) + 3 * (length(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $o3, ''))) / length($o3) + 1 * (length(replace(lower(nfc_normalize(m.body)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $o3, ''))) / length($o3) + 3 * (length(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.subject)), 'ς', 'σ'), $o4, ''))) / length($o4) + 1 * (length(replace(lower(nfc_normalize(m.body)), 'ς', 'σ')) - length(replace(replace(lower(nfc_normalize(m.body)), 'ς', 'σ'), $o4, ''))) / length($o4)) DESC, m.timestamp DESC, m.upload_seq DESC

-- $f0 = 'late'
-- $f1 = '(?:^|[ก-ฺเ-๎ກ-ຽເ-ໍက-ဿក-៓々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-龎ｦ-ﾟ𠀀-𱍊]|[^\\p{L}\\p{N}\\p{M}])late(?:$|[ก-ฺเ-๎ກ-ຽເ-ໍက-ဿក-៓々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-龎ｦ-ﾟ𠀀-𱍊]|[^\\p{L}\\p{N}\\p{M}])'
-- $f2 = 'lost'
-- $f3 = '(?:^|[ก-ฺเ-๎ກ-ຽເ-ໍက-ဿក-៓々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-龎ｦ-ﾟ𠀀-𱍊]|[^\\p{L}\\p{N}\\p{M}])lost(?:$|[ก-ฺเ-๎ກ-ຽເ-ໍက-ဿក-៓々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-龎ｦ-ﾟ𠀀-𱍊]|[^\\p{L}\\p{N}\\p{M}])'
-- $f4 = 'here'
-- $f5 = '(?:^|[ก-ฺเ-๎ກ-ຽເ-ໍက-ဿក-៓々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-龎ｦ-ﾟ𠀀-𱍊]|[^\\p{L}\\p{N}\\p{M}])not[^\\p{L}\\p{N}\\p{M}]+yet[^\\p{L}\\p{N}\\p{M}]+here(?:$|[ก-ฺเ-๎ກ-ຽເ-ໍက-ဿក-៓々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-龎ｦ-ﾟ𠀀-𱍊]|[^\\p{L}\\p{N}\\p{M}])'
-- $f6 = '返'
-- $f7 = '返[^\\p{L}\\p{N}\\p{M}]*金'
-- $f8 = 'ref'
-- $f9 = '(?:^|[ก-ฺเ-๎ກ-ຽເ-ໍက-ဿក-៓々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-龎ｦ-ﾟ𠀀-𱍊]|[^\\p{L}\\p{N}\\p{M}])ref'
-- $f10 = 'chat'
-- $f11 = '(?:^|[ก-ฺเ-๎ກ-ຽເ-ໍက-ဿក-៓々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-龎ｦ-ﾟ𠀀-𱍊]|[^\\p{L}\\p{N}\\p{M}])chat(?:$|[ก-ฺเ-๎ກ-ຽເ-ໍက-ဿក-៓々-〇ぁ-ゖゝ-ゟァ-ヺー-ヿㇰ-ㇿ㐀-䶿一-鿿豈-龎ｦ-ﾟ𠀀-𱍊]|[^\\p{L}\\p{N}\\p{M}])'
-- $o0 = 'late'
-- $o1 = 'lost'
-- $o2 = 'not yet here'
-- $o3 = '返 金'
-- $o4 = 'ref'
