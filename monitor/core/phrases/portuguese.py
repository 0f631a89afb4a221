"""Portuguese, of Brazil and of Portugal."""

from __future__ import annotations

from monitor.core.phrases.lexicon import any_of, compiled, failing, lacking, then

_NOUN = "(?:imagens|imagem|fotos?|fotografias?|capturas?(?: de tela)?|anexos?|arquivos?|ficheiros?|conteudo visual)"
_DO = "(?:anex|envi|compartilh|partilh|carreg|forneci|fornec|inclu|receb|mostr|encontr|exib|transmit|mand|detect)"
_GIVEN = rf"(?:{_DO}[ai]?d[oa]s?|disponive(?:l|is)|visive(?:l|is)|presentes?|aqui|vist[oa])"
_GLUE = any_of("""
    me|te|se|lo|la|nos|foi|foram|consigo|consegui|conseguimos|posso|pude|pode|podemos|sou|capaz|possivel|e|tenho|temos
    capacidade|de|para|parece|haver|ter|que|estou|atualmente|diretamente|ainda|a|forma|maneira|ha|sido|esta|ser
""")
_SEE = any_of(rf"""
    vejo|vemos|ver|visualiz\w{{1,4}}|encontr\w{{1,4}}|receb\w{{1,4}}|acessar|carregar|aceder a|acesso as?|abrir|ha|havia
    houve|existe|consta|tenho|contem|inclui|exibir|mostrar|detect\w{{1,4}}|suport\w{{1,3}}
    {_DO}(?:ado|ido|i|ou|aram|aste|eu)
""")
_HANDLE = "(?:processar|analisar|interpretar|ler|descrever|abrir)"
_TALK = "(?:mensagem|conversa|chat|solicitacao|consulta|pergunta|pedido)"
_AFTER = any_of(rf"""
    {_GIVEN}|(?:foi|foram|esta|estava) {_GIVEN}|chegou|ainda|nem|ou|e|pois|porque|mas|diretamente|atualmente
    n[ao] (?:(?:sua|tua|seu|nosso|nossa|minha) )?{_TALK}|nest[ae] {_TALK}|(?:com|a) (?:sua|esta) mensagem
    que (?:voce|foi|me|enviou|mencion)\w*|para (?:que|analisar|descrever|ver|ler|eu)
    por favor|devido|novamente|de novo|entao
""")
_ABSENT = any_of(rf"""
    nao(?: {_GLUE}){{0,7}} {_SEE}|nenhuma?|sem(?: (?:ver|acesso a))?|falta|incapaz de (?:ver|processar)
    esquec\w{{2,4}}(?: de)? (?:anexar|enviar|incluir)
""")
_BETWEEN = any_of("""
    um|uma|as?|os?|nenhuma?|alguma|qualquer|esta|este|essa|esse|sua|seu|tua|teu|anexad[oa]|diretamente
""")
_MISSING = any_of(rf"""
    (?:que \w{{2,12}}(?: \w{{2,12}})? )?nao (?:{_GLUE} ){{0,5}}(?:{_DO}\w{{0,5}}|{_GIVEN}|ver|chegou|aparece(?:u)?|veio)
    (?:(?:esta|parece|parece estar|foi) )?(?:ausente|faltando|faltar|omitida|indisponivel|inacessivel)
""")
_SEND = "(?:envi|anex|compartilh|partilh|fornec|carreg|mand|inclu)\\w{1,4}"
_ASK = "(?:por favor,?|poderia|pode|podes|preciso que(?: voce)?|se voce|quando voce|tente)"
_MODEL = "(?:modelo|assistente|ia)(?: de linguagem| de ia)? "
_ONLY = "(?:so|apenas|somente) (?:consigo |posso )?(?:vejo|ver|recebo|recebi|processo|processar|ler)"

PORTUGUESE = compiled(
    claim=any_of(rf"""
        {lacking(_ABSENT, _BETWEEN, _NOUN, _AFTER)}
        {failing(_NOUN, _MISSING, f"corretamente|{_AFTER}")}
        (?<!\w){_MODEL}(?:basead[oa] (?:apenas )?em|(?:apenas |somente )?de) texto(?!\w)
        (?<!\w){_ONLY} (?:o )?texto{then("n[ao] sua|e nao")}
        (?<!\w)nao(?: {_GLUE}){{0,6}} {_HANDLE} (?:diretamente )?{_NOUN}{then(_AFTER)}
    """),
    request=any_of(rf"""
        (?<!\w){_ASK}(?: (?:me|reenviar))? {_SEND}(?: {_BETWEEN}){{1,3}} {_NOUN}{then(_AFTER)}
        (?<!\w){_SEND}(?: {_BETWEEN}){{1,3}} {_NOUN}(?: novamente)?,? por favor
    """),
    taken_back=any_of(rf"""
        \b(?:n[ao]|em|nesta|nessa|sobre)(?: (?:sua|uma|a))? {_NOUN}|\b(?:se|caso)\b[^,]*$|\bnao ha duvidas?\b
        \b(?:imagem|foto|texto|placa|captura)\b(?: \w+){{0,4}} (?:diz|mostra|le|contem|indica|inclui|exibe)\b
        \b(?:d[ao]|n[ao]|em|com|segunda|outra|nenhuma|nao|imagem|foto)(?: (?:a|o|esta|uma|sua))? $
        \bnao e (?:verdade|que)\b
    """),
    seen=any_of(r"""
        \b(?:borrad\w+|desfocad\w+|resolucao|clara|nitid\w+|pequen\w+|ilegive\w+|legive\w+|qualidade|corrompid\w+)\b
        \bem branco\b
    """),
)
