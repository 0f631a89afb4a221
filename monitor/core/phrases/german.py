"""German: the object stands before the verb that denies it, and separable prefixes end the sentence."""

from __future__ import annotations

from monitor.core.phrases.lexicon import any_of, compiled, failing, lacking, then

_NOUN = any_of("""
    bild(?:er|ern|es|s|datei(?:en)?|inhalte?|material|daten|anhang)?|fotos?|fotografien?|aufnahmen?|screenshots?
    grafik(?:en)?|anhang|anhange|datei(?:en)?|abbildung(?:en)?|visuellen? (?:daten|inhalte)
""")
_ADVERB = any_of("""
    leider|direkt|derzeit|aktuell|momentan|jedoch|hier|noch|auch|selbst|tatsachlich|anscheinend|offenbar|scheinbar|wohl
    richtig|korrekt|ordnungsgemass|erfolgreich|auf|mir|sie|es|zu
""")
_GIVEN = any_of("""
    angehangt|angefugt|hochgeladen|beigefugt|gesendet|geschickt|vorhanden|verfugbar|sichtbar|mitgeschickt|mitgesendet
    angezeigt|bereitgestellt|ubermittelt|ubertragen|enthalten|geladen|gefunden|erhalten|empfangen|bekommen|angekommen
    geteilt|hinzugefugt|eingefugt|da
""")
_SEE = any_of("""
    sehen|erkennen|finden|anzeigen|ansehen|anschauen|betrachten|verarbeiten|analysieren|offnen|laden|abrufen|zugreifen
    einsehen|wahrnehmen|empfangen|erhalten|interpretieren|auswerten|lesen|entdecken
""")
_YOUR = "(?:deiner|ihrer|dieser|der|unserer|diesem|unserem|deinem|ihrem)"
_TALK = "(?:nachricht|anfrage|unterhaltung|konversation|chat|frage|eingabe|gesprach|kontext)"
_AFTER = any_of(rf"""
    {_GIVEN}|(?:{_ADVERB} )?{_SEE}|und|oder|aber|da|weil|hier|direkt|an|bei|sondern|von (?:dir|ihnen)|das (?:du|sie)
    (?:wurde|ist|war|worden|sind|wurden|habe|hast|haben)(?: \w+)? {_GIVEN}
    anzusehen|anzuhangen|hochzuladen|mitzuschicken|anzuzeigen|einzusehen
    (?:in|mit) {_YOUR} {_TALK}|zu {_SEE}
""")
_ABSENT = any_of("""
    kein(?:e|en|em|er|es)?|ohne|nicht in der lage,?|unfahig,?|nicht moglich,?|keine moglichkeit,?|nicht auf
    kein(?:en)? (?:direkten )?(?:zugriff|zugang) (?:auf|zu)|fehlt|fehlen|vergessen,?
""")
_BETWEEN = any_of("""
    ein|eine|einen|das|die|der|den|dem|dein|deine|ihr|ihre|dieses|diese|einziges|angehangtes|hochgeladenes|aktuelles
    echtes|tatsachliches|beigefugtes|sichtbares|hochgeladenen?|angehangten?|direkt|irgendein
""")
_AUX = rf"(?:(?:ist|wurde|war|konnte|kann|hat|scheint|sich|lasst|{_ADVERB}) ){{0,5}}"
_MISSING = any_of(rf"""
    (?:das (?:du|sie) \w{{4,14}}(?: \w{{4,6}})?,? )?{_AUX}nicht (?:{_ADVERB} ){{0,3}}(?:{_SEE}|{_GIVEN})
    (?:(?:scheint|ist|{_ADVERB}) ){{0,3}}(?:fehlt|fehlen|zu fehlen|nicht verfugbar|nicht da)
""")
_ASK = "(?:bitte|konntest|konnten|kannst|konnen|wurdest|wurden|wenn|sobald|lade|laden)"
_VERB = any_of("""
    lade|laden|lad|hange?|hangen|fuge?|fugen|schicke?|schicken|sende?|senden|teilen?|stellen?|sie|du|mir|uns|doch|bitte
    es|erneut
""")
_PREFIX = any_of("""
    hoch|hochladen|hochzuladen|an|anhangen|bei|beifugen|mit|mitschicken|hinzu|hinzufugen|hochladt|hochladst|senden
    schicken|teilen|bereitstellen|zur verfugung|einfugen|ein|hochgeladen|anfugen|ubermitteln
""")
_AGAIN = "(?:(?:bitte|erneut|noch einmal|noch mal|nochmal|hier|direkt|mir) ){0,3}"
_SEND = "(?:sende|senden sie|schicke?|schicken sie|teilen? sie|teile|hangen sie)"
_BAD = "(?:unscharf|scharfer|verschwommen|deutlich)"

GERMAN = compiled(
    claim=any_of(rf"""
        {lacking(_ABSENT, _BETWEEN, _NOUN, _AFTER)}
        {failing(_NOUN, _MISSING, _AFTER)}
        (?<!\w)(?:sehe|finde|erhalte|habe) (?:{_BETWEEN} ){{0,2}}{_NOUN} (?:{_ADVERB} )?nicht{then("und|da|weil|aber")}
        (?<!\w)textbasiert\w{{0,2}} (?:ki|modell|sprachmodell|assistent|system)|(?<!\w)textmodell(?!\w)
        (?<!\w)(?:sehe|erhalte|habe|verarbeite) nur (?:den |reinen )?text{then(f"in {_YOUR}|und keine?|erhalten")}
        (?<!\w)kann nur (?:den |reinen )?text (?:sehen|verarbeiten|lesen)
    """),
    request=any_of(rf"""
        (?<!\w){_ASK}(?: {_VERB}){{0,5}}(?: {_BETWEEN}){{1,3}} {_NOUN} {_AGAIN}{_PREFIX}{then("und|damit|dann|oder")}
        (?<!\w)bitte {_SEND}(?: mir)?(?: {_BETWEEN}){{1,3}} {_NOUN}{then("erneut|noch einmal|damit|und|an|hier")}
    """),
    taken_back=any_of(rf"""
        \b(?:im|auf dem|in dem|in diesem|auf diesem|auf deinem|auf ihrem|in ihrem) (?:\w+ )?{_NOUN}\b
        \b(?:wenn|falls|ob|sofern)\b[^,]*$|\bnicht (?:wahr|richtig|so), dass\b|\bkein (?:zweifel|problem)\b
        \b(?:bild|foto|text|schild)\b(?: \w+){{0,4}} (?:steht|zeigt|lautet|besagt|sagt|enthalt|ist)\b|\bkeines? $
        \b(?:im|auf dem|des|vom|in dem|am|von dem|zweites?|zweite|andere[ns]?|nachstes?)(?: \w+)? $
    """),
    seen=rf"\b(?:{_BAD}\w*|auflosung|zu klein|unleserlich|leserlich|qualitat|beschadigt|leer)\b",
)
