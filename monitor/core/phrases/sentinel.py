"""The agreed word for "no image", and the placeholders that gateways and runtimes put where an image was."""

from __future__ import annotations

from monitor.core.phrases.lexicon import any_of

SENTINEL = r"(?<![a-z0-9])(?:no ?img|noimage)(?![a-z0-9])"
"""`NOIMG`, as the challenges' questions ask for it."""

REJECTED = any_of(r"""
    \b(?:if|unless|when|whether|in case|wenn|falls|si(?!,)|se|caso|если)\b|如果|若|倘若|もし|場合|만약|경우
    \b(?:not|n't|never|no need to|instead of|rather than)(?: \w+){0,3}\W{1,2}$
""")
"""Before the sentinel, in its sentence: the prompt is being told again in other words, or the word rejected."""

REJECTED_AFTER = r"\W{0,3}(?:(?:only )?(?:if|unless|when|in case|wenn|falls|si|se|если)\b|(?:does not|doesn't|is not) )"
"""The same, behind it."""

_NOUN = any_of(r"""
    image|img|photo|picture|screenshot|attachment|media|visual|file|imagen|imagem|bild|foto|piece jointe|archivo
    изображени\w|картинка|фото|вложение|图片|图像|图|照片|圖片|圖像|附件|画像|写真|이미지|사진
""")
_GONE = any_of(r"""
    omit|unavail|not (?:available|supported|provided|loaded|found|shown|included|attached|uploaded|displayed|accessible)
    fail|truncat|corrupt|skip|remov|missing|redact|stripp|placeholder|unsupported|dropp|elid|n/a|\bnone\b|error
    (?:does not|do not|doesn't|don't|cannot|can't|could not) (?:support|be|load|display|process|see|view|read)
    omitid|no disponible|non disponible|nicht verfugbar|entfernt|indisponivel|omis\b|пропущен|удален|недоступн
    未|无法|無法|省略|失败|失敗|不支持|不可用|できません|なし|생략|없음|실패
""")
_OPEN, _CLOSE, _INSIDE = r"[\[(<【]", r"[\])>】]", r"[^\[\]()<>【】]"
_LABEL = rf"(?:an? |the )?{_NOUN}(?: ?\d{{1,3}})?(?: (?:data|content|file|url|input)s?)?"

PLACEHOLDER = any_of(rf"""
    {_OPEN}{_LABEL}(?!\w* (?:is|shows)|: ?(?:an?|the) ){_INSIDE}{{0,60}}?{_GONE}{_INSIDE}{{0,120}}(?:{_CLOSE}|$)
    [\[(]{_NOUN}(?: ?\d{{1,3}})?[\])]:? ?[\[(]?(?:unavailable|omitted|missing|removed|none)(?= ?(?:[\])>.,;!\n]|$))
    {_OPEN}(?:image|img): ?(?:<\w{{1,20}}>|[0-9a-f]{{7,64}})?{_CLOSE}|\[img-?\d{{1,3}}\]
    ^\W{{0,9}}\[(?:image|img|图片|画像|이미지)\]\W{{0,9}}$|{_OPEN}(?:no|missing) {_NOUN}s?(?: \w+)?{_CLOSE}
    {_NOUN} (?:content|data|input) (?:omitted|removed|redacted|stripped|elided)
""")
"""Over folded text. A bare `[image]` counts only alone: beside a code it may be the label of what was read."""
