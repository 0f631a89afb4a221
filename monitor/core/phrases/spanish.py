"""Spanish."""

from __future__ import annotations

from monitor.core.phrases.lexicon import any_of, compiled, failing, lacking, then

_NOUN = "(?:imagen(?:es)?|fotos?|fotografias?|capturas?(?: de pantalla)?|archivos?|adjuntos?|contenido visual)"
_DO = "(?:adjunt|sub|envi|compart|carg|proporcion|inclu|recib|mostr|encontr|anex|facilit|transmit|mand|detect)"
_GIVEN = rf"(?:{_DO}i?[ai]d[oa]s?|adjunt[oa]s?|disponibles?|visibles?|presentes?|aqui|vist[oa])"
_GLUE = any_of("""
    me|te|se|lo|la|nos|has|ha|han|he|hemos|haya|puedo|pude|podido|puede|podemos|tengo|tenemos|es|soy|capaz|posible|fue
    capacidad|de|para|parece|haber|que|estoy|actualmente|directamente|todavia|aun|logro|consigo|a|forma|manera|estar
    sido|esta|pudo|poder
""")
_SEE = any_of(rf"""
    veo|vemos|veia|viendo|ver|visualiz\w{{1,4}}|encuentro|encontr\w{{1,4}}|recib\w{{1,5}}|acceder a|acceso a|abrir
    hay|habia|hubo|haya|existe|tengo|tenemos|aparece|contiene|incluye|mostrar|cargar|detect\w{{1,4}}
    admit\w{{1,3}}|soport\w{{1,3}}|{_DO}(?:ad|id|iste|aste)?o
""")
_HANDLE = "(?:procesar|analizar|interpretar|leer|describir|abrir)"
_TALK = "(?:mensaje|conversacion|chat|solicitud|consulta|peticion|pregunta|entrada)"
_AFTER = any_of(rf"""
    {_GIVEN}|(?:fue|ha sido|esta|estaba) {_GIVEN}|se (?:ha )?{_DO}\w{{1,4}}|llego|todavia|aun|ni|o|y|ya que|pues|aqui
    (?:en|con|a) (?:tu|su|el|este|esta|nuestra|mi|la) {_TALK}|para (?:que|analizar|describir|ver|leer|poder)|porque|pero
    que (?:has|hayas|mencion|menciona|me)\w*|que (?:enviaste|adjuntaste|subiste|compartiste|indicas|dices)|por favor
    debido|actualmente|directamente|de nuevo|nuevamente|otra vez|por lo que|asi que
""")
_ABSENT = any_of(rf"""
    no(?: {_GLUE}){{0,7}} {_SEE}|ningun[ao]?|sin(?: (?:ver|acceso a))?|faltan?|incapaz de (?:ver|procesar)
    olvid\w{{2,5}}(?: de)? (?:adjuntar|enviar|incluir|subir)
""")
_BETWEEN = any_of("""
    un|una|la|las|el|los|ningun[ao]?|alguna|esta|este|esa|ese|su|tu|sus|tus|adjunt[oa]|directamente
""")
_MISSING = any_of(rf"""
    (?:que \w{{2,12}}(?: \w{{2,12}})? )?no (?:{_GLUE} ){{0,5}}(?:{_DO}\w{{0,5}}|{_GIVEN}|ver?|llego|aparece)
    (?:(?:esta|parece|parece estar|fue|ha sido) )?(?:ausente|faltar?|faltante|omitida|no disponible|inaccesible)
""")
_SEND = "(?:(?:sub|adjunt|envi|compart|proporcion|carg|mand|facilit|inclu)\\w{1,4}|pas(?:a|ar|ame))"
_ASK = any_of("""
    por favor,?|podrias|puedes|podria|puede|necesito que|si|cuando|intenta|favor de
""")
_MODEL = "(?:modelo|asistente|ia)(?: de lenguaje| de ia)? "
_ONLY = "(?:solo|unicamente) (?:puedo )?(?:veo|ver|recibo|recibi|proceso|procesar|leer)"
_SAYS = "(?:dice|muestra|pone|lee|contiene|indica|incluye)"

SPANISH = compiled(
    claim=any_of(rf"""
        {lacking(_ABSENT, _BETWEEN, _NOUN, _AFTER)}
        {failing(_NOUN, _MISSING, f"correctamente|{_AFTER}")}
        (?<!\w){_MODEL}(?:basad[oa] (?:solo )?en|(?:solo |unicamente )?de) texto(?!\w)
        (?<!\w){_ONLY} (?:el )?texto{then("en tu|en su|y no")}
        (?<!\w)no(?: {_GLUE}){{0,6}} {_HANDLE} (?:directamente )?{_NOUN}{then(_AFTER)}
    """),
    request=any_of(rf"""
        (?<!\w){_ASK}(?: (?:me|vuelv[ae]s? a|volver a))? {_SEND}(?: {_BETWEEN}){{1,3}} {_NOUN}{then(_AFTER)}
        (?<!\w){_SEND}(?: {_BETWEEN}){{1,3}} {_NOUN}(?: de nuevo)?,? por favor
    """),
    taken_back=any_of(rf"""
        \b(?:en|sobre) (?:la|esta|su|tu|una) {_NOUN}|\bsi\b[^,]*$|\bno (?:cabe|hay) duda\b
        \bno es (?:cierto|verdad|que)\b
        \b(?:imagen|foto|texto|cartel|letrero|captura)\b(?: \w+){{0,4}} {_SAYS}\b
        \b(?:de|en|con|segunda|otra|ninguna|no|imagen|foto)(?: (?:la|el|esta|una|tu|su))? $
    """),
    seen=any_of(r"""
        \b(?:borros\w+|resolucion|clara|claridad|nitid\w+|pequen\w+|ilegible\w*|legible\w*|calidad|danad\w+|en blanco)\b
    """),
)
