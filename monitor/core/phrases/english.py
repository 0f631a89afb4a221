"""English: the language in which most models say it, whatever they were asked in."""

from __future__ import annotations

from monitor.core.phrases.lexicon import any_of, compiled, failing, lacking, then

_MEDIUM = "(?:image|photo|picture|visual|media)"
_NOUN = any_of(rf"""
    {_MEDIUM} (?:files?|inputs?|data|content|attachments?|uploads?|information|urls?|links?)
    images?|pictures?|photos?|photographs?|pics?|imgs?|screen ?shots?|attachments?|visuals?|imagery|graphics?|files?
""")
_PLURAL = any_of(rf"""
    {_MEDIUM} (?:files?|inputs?|data|content)
    images|pictures|photos|photographs|pics|visuals|screenshots|imagery
""")

# --- inability ------------------------------------------------------------------------------------------------------

_NOT = any_of("""
    (?:ca|do|does|did|has|have|had|is|are|was|were|could|would|wo|ai)n'?t|cannot|not|never
    unable to|incapable of|failed to|fails to|forgot to|forgotten to|neglected to
    (?:lack|lacks|lacking|without|no)(?: the)? (?:ability|capability|capacity|means|way)(?: to| of| for)
""")
_ADVERB = any_of("""
    currently|actually|directly|really|physically|personally|technically|visually|natively|properly|successfully|yet
    be|been|being|able|to|have(?! to)|had|the|any|a|way|means|ability|capability|capacity|capable|of|for|me|seem|appear
    even|also|just|still|in fact
""")
_CANNOT = rf"{_NOT}(?: {_ADVERB}){{0,6}}"
_SEE = any_of("""
    see(?:ing|n)?|view(?:ing|ed)?|find(?:ing)?|found|detect(?:ing|ed)?|access(?:ing|ed)?|open(?:ing|ed)?
    display(?:ing|ed)?|locat(?:e|ing|ed)|receiv(?:e|ing|ed)|perceiv(?:e|ing|ed)|retriev(?:e|ing|ed)|load(?:ing|ed)?
    look(?:ing)? at|get(?:ting)?|got(?:ten)?|have|has|fetch(?:ing|ed)?|download(?:ing|ed)?|notice|observe|spot
    visuali[sz]e|support(?:ing|s|ed)?|accept(?:ing|s)?|contain|include
""")
_HANDLE = any_of("""
    process(?:ing)?|analy[sz](?:e|ing)|interpret(?:ing)?|read(?:ing)?|examin(?:e|ing)|describ(?:e|ing)|handl(?:e|ing)
    inspect(?:ing)?|understand(?:ing)?|recogni[sz](?:e|ing)|evaluat(?:e|ing)|pars(?:e|ing)|work(?:ing)? with
    tak(?:e|ing)
""")
_GIVE = any_of("""
    (?:re-?)?(?:provid(?:e|ed|ing)|attach(?:ed|ing)?|upload(?:ed|ing)?|shar(?:e|ed|ing)|sen[dt](?:ing)?)
    (?:re-?)?(?:includ(?:e|ed|ing)|submit(?:ted|ting)?|post(?:ed|ing)?|past(?:e|ed|ing)|suppl(?:y|ied|ying))
    give|given|gave|giving|pass(?:ed)?|deliver(?:ed)?|add(?:ed|ing)?|insert(?:ed|ing)?
""")
_JOIN = "(?:, | or |, or |/| and |, and | nor )"
_PERCEIVE = (
    rf"(?:{_HANDLE}{_JOIN}){{0,2}}(?:{_SEE}|{_GIVE})"
    rf"(?:{_JOIN}(?:{_ADVERB} )?(?:{_SEE}|{_HANDLE}|{_GIVE})){{0,3}}"
)
_OF_ANY = "(?: (?:directly|any|actual|uploaded|attached|visual)){0,2}"
_GENERALLY = rf"{_CANNOT} (?:{_HANDLE}{_JOIN}){{0,3}}{_HANDLE}{_OF_ANY} {_PLURAL}"
_VISION = any_of("""
    (?:vision|visual|image|multimodal)(?:[- ](?:recognition|processing|viewing|analysis|understanding|input))?
""")
_ABSENT = any_of(rf"""
    {_CANNOT} {_PERCEIVE}|{_CANNOT} access to|(?:no|lacks?|without)(?: direct)? access to
    forgot|forgotten|no|none of|zero|0|without|missing|lacks?|neither|no (?:support for|sign of)
    (?:without|before)(?: {_ADVERB}){{0,3}} {_SEE}
    there(?: \w{{2,9}}ly)? (?:is|are|was|were)(?: not|n't)|there's not|not an? (?:actual|real)
    there (?:does|do|did)(?: not|n't)(?: {_ADVERB}){{1,4}}
""")
_BETWEEN = any_of("""
    a|an|any|the|this|that|your|its|those|these|such|of|single|actual|real|attached|uploaded|provided|included
    shared|sent|embedded|visible|valid|said|mentioned|referenced|accompanying|corresponding|kind|type|sort|me|us
    with|visual|external|new|input|inline|my|own|relevant|directly
    (?:videos?|audio|files?|documents?|links?|urls?|attachments?|pdfs?|media|data)(?:,|,? or|,? and|,? nor)
""")

# --- what came, or did not ------------------------------------------------------------------------------------------

_GIVEN = any_of("""
    attached|uploaded|provided|included|sent|shared|received|given|supplied|present|visible|available|found|detected
    delivered|transmitted|submitted|posted|passed|embedded|loaded|shown|displayed|linked|accessible|accompanying
    contained|here|there
""")
_ARRIVE = any_of(rf"""
    {_GIVEN}|come through|go through|get through|make it|arrive|reach|show up|showing(?: up)?|appear|exist
    load|loading|upload|uploading|attach|attaching|display|displaying|transfer|transmit|open|render|rendered|rendering
    viewed|seen|opened|accessed|retrieved|fetched|downloaded|processed|decoded|transferred|supported|enabled
""")
_TALK = any_of("""
    messages?|conversation|chat|requests?|prompt|input|context|query|questions?|post|thread|end|side|submission|upload
    payload|discussion|session|environment|interface|mode|platform|text|turn|format
""")
_YOURS = "(?:your|this (?:conv|chat|mess|request)|our|my)"
_AFTER = any_of(rf"""
    (?:in|with|to|on|within|from|alongside|at|through) (?:your|this|our|my|the|that)(?: \w{{1,12}})? {_TALK}
    {_GIVEN}(?! (?:in|on|inside|within|of|at) (?!{_YOURS}))|(?:that |which )?you (?:mean|want)
    (?:is|was|are|were|has been|have been|seems? to be|appears? to be)(?: \w{{1,12}}ly| ever)? (?:{_GIVEN}|in your)
    came|comes|made it|got|gets|went through|reached|arrived|exists?|appears?|accompanie[ds]|showed up|loaded
    (?:has|have) (?:come|arrived|reached|made it)|you(?:'d| would) (?:like|want)|i (?:can|could|won|am|have|will)
    (?:that |which )?(?:you|i was|was|were)(?:'ve|'re)?(?: have| are| just| had)? (?:\w{{2,12}}ed|\w{{3,12}}ing to|sent)
    at all|right now|now|at the moment|at this (?:time|point)|yet|itself|myself|anywhere|from you|with you
    currently|directly|unfortunately|though|however|either|because|since|as|so|and|or|nor|to|due to|via|through
    for (?:me|you|us|analysis|this|review|context)|but (?:i|if|you|please|only text)|by this model
""")
_AUX = "(?:(?:is|was|are|were|did|does|do|can|could|has|have|had|will|would) )?"
_SEEMS = "(?:(?:is|was|are|were|be|been|seems?|appears?|may|might|must|could|has|have|to) ){0,4}"
_WHICH = r"(?:(?:that )?you(?:'re|'ve| are| have)? (?:\w{4,12}ed|sent|referring to|\w{4,8} to \w{4,8}) )?"
_MISSING = any_of(rf"""
    {_WHICH}{_AUX}{_NOT}(?: {_ADVERB}){{0,5}} {_ARRIVE}
    {_SEEMS}(?:missing|unavailable|absent|omitted|stripped|inaccessible|not (?:have )?(?:been )?{_ARRIVE})
    {_SEEMS}(?:failed to|have not|not to have)(?: been)? {_ARRIVE}|none|null|n/a
""")
_REST = any_of(rf"""
    correctly|properly|successfully|entirely|for me|to me|me|again|first|before i|in order
    when you|by (?:you|the user)|{_AFTER}
""")

# --- whole phrases and requests -------------------------------------------------------------------------------------

_TEXT = "(?:the |your |plain )?(?:text|metadata)(?:[- ](?:prompt|message|input|instructions?|content))?"
_TEXT_END = any_of(r"""
    [ ]?(?:$|\n|[.;!?\")])|, (?:not|no|and|so|but)\b| and no\b| (?:in|from|of) (?:your|this) | from you
""")
_TAKES = any_of("""
    see|seeing|saw|read|process|handle|have|got|work with|understand|view|access|sent|provided|find|have access to
    receive[ds]?|contains?|includes?|supports?|accepts?
""")
_MODEL = "(?:(?:large )?language |ai |chat )?(?:model|ai|assistant|chatbot|bot|system|llm|interface)"
_SEEM_THAT = "(?:think|believe|look like|looks like|seem(?: like)?|appear)"
_WHOLE = any_of(rf"""
    text[- ](?:only|based) {_MODEL}
    only (?:able to )?{_TAKES} {_TEXT}(?={_TEXT_END})|{_TAKES}(?: me)? only {_TEXT}(?={_TEXT_END})
    only (?:the |your )?text (?:was|is|has been|came) (?:provided|received|included|visible|sent|attached|through)
    (?:no|without|lacks?|lacking|{_NOT} have)(?: any| built-in| native| the)? {_VISION} (?:capabilit|abilit|support)\w*
    nothing (?:(?:is|was|has been|seems to be|appears to be) )?(?:attached|uploaded)
    {_CANNOT} (?:see|find|have|view|receive) (?:anything|one) (?:attached|uploaded|included)
    {_GENERALLY}{then(_AFTER)}
    {_NOT} {_SEEM_THAT}(?: that)?(?: {_BETWEEN}){{0,2}} {_NOUN} (?:was|is|were|has been|came) (?:{_GIVEN}|through)
    lacks? vision|image (?:data|content) (?:was|is|has been|appears) (?:truncated|stripped|removed|dropped)
""")
_ASKED = any_of("""
    please|(?:could|can|would|will) you|you(?:'ll|'d)? (?:need|have) to|need you to|ask you to|free to|try|make sure to
    (?:if|once|when|after|until) you(?:'ve|'d| have| could| can| would)?|you (?:may|can|could|must|should)|kindly
    be sure to|(?:would|do) you mind|go ahead and|want to
""")
_SEND = rf"{_ASKED}(?: (?:{_ASKED}|then|to|again|directly)){{0,3}} {_GIVE}(?: (?:over|in|again))?"
_NEED = "i(?:'d|'ll| would| will)? (?:still )?need(?: to see| to view| access to)?"

# --- what takes a claim back ----------------------------------------------------------------------------------------

_SHOWN = "(?:image|picture|photo|photograph|screenshot|drawing|grid|canvas|sign|label|caption|banner)s?"
_SAYS = "(?:says?|reads?|states?|shows?|displays?|contains?|saying|reading|showing|depicts?|spells?|is|are|has)"

ENGLISH = compiled(
    claim=any_of(rf"""
        {lacking(_ABSENT, _BETWEEN, _NOUN, _AFTER)}
        {failing(_NOUN, _MISSING, _REST)}
        (?<!\w){_WHOLE}(?!\w)
    """),
    request=rf"(?<!\w)(?:{_SEND}|{_NEED})(?: {_BETWEEN}){{0,5}} {_NOUN}{then(_REST)}",
    taken_back=any_of(rf"""
        \b(?:in|on|within|inside|across|throughout) (?:the|this|your|that|an?|each) (?:\w+ )?{_SHOWN}\b
        \b(?:if|whether|unless|in case|assuming|suppose|as though)\b[^,]*$
        \b(?:{_SHOWN}|text|words|letters)(?: \w+){{0,4}} {_SAYS}\b|\b(?:it|which|that) (?:says|reads|states|spells)\b
        \b(?:not (?:that|because|as if|true|the case)|untrue|(?:wrong|incorrect) to|false that|never (?:said|claimed))\b
        \b(?:(?:n't|not) mean|(?:can't|cannot) say|no (?:doubt|indication|evidence|need)|nothing wrong)\b
        \b(?:not|no|none of the|neither|second|third|other|another|last|next|left|right|top|bottom|first|{_SHOWN}) $
        \b(?:in|on|of|within|inside|behind|under|than|around|outside)(?: (?:the|this|your|an?|that|these|each|any))? $
    """),
    seen=any_of(rf"""
        \b(?:blur\w*|resolution|clearer|unclear|clearly|legib\w+|illegib\w+|unreadable|too small|tiny|blank)\b
        \b(?:corrupt\w*|distort\w*|pixelat\w*|qualit\w+|zoom\w*|cropped|too dark|faint|noisy|cut off)\b
        \b{_MEDIUM} (?:shows|contains|reads|says|displays|depicts)\b
    """),
)
