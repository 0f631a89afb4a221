"""French: the negation stands around the verb, and articles are elided onto the noun."""

from __future__ import annotations

from monitor.core.phrases.lexicon import any_of, compiled, failing, lacking, then

_NOUN = any_of("""
    (?:[dl]')?(?:images?|photos?|photographies?|captures?(?: d'ecran)?|pieces? jointes?|fichiers?|visuels?)
    contenus? visuels?
""")
_GIVEN = any_of("""
    jointe?s?|fournie?s?|envoyee?s?|partagee?s?|recue?s?|chargee?s?|telechargee?s?|televersee?s?|incluse?s?|transmise?s?
    visibles?|disponibles?|presentes?|attachee?s?|affichee?s?|trouvee?s?|detectee?s?|accessibles?|ajoutee?s?
""")
_VERB = any_of("""
    vois|voit|voyons|recois|trouve|trouvons|detecte|ai|a|avez|as|avons|y|contient|comporte|inclut|semble|dispose|peux
    peut|puis|pouvons|pourrais|suis|parviens|arrive|permet|possede|pu|accede|percois|il|m'|me|te|vous|reussis
    prends en charge
""")
_ADVERB = any_of("""
    encore|directement|actuellement|malheureusement|toujours|vraiment|en mesure|capable|capacite|possibilite|possible
    la|a|de|d'|eu|ete|pu|y avoir|avoir|acces|aux?|une seule
""")
_SEE = any_of("""
    voir|visualiser|acceder (?:a|aux)|afficher|ouvrir|trouver?|recu|recevoir|detecter|joint|fourni|envoye|partage
    telecharge|televerse|inclus|ajoute|transmis|importe|charger|regarder|acces (?:a|aux)|percevoir|consulter
""")
_HANDLE = "(?:analyser|traiter|interpreter|lire|decrire)"
_NOT = rf"n(?:e |')(?:{_VERB} ?){{1,4}}(?:pas|plus|jamais)(?: {_ADVERB}){{0,6}}"
_TALK = "(?:message|conversation|demande|requete|question|discussion|chat|contexte)"
_AFTER = any_of(rf"""
    {_GIVEN}|ici|que (?:vous|tu)|qu'on|dont|ni|ou|et|pour|car|mais|en piece jointe|directement|actuellement|donc|afin
    (?:dans|a|avec) (?:votre|ton|ce|cette|notre|la|le|mon) {_TALK}|ne m'(?:est|a)|n'apparait|pour le moment|associee?
    n'(?:a|est|etait)(?: pas)?(?: ete)? {_GIVEN}|a (?:analyser|decrire|lire)|s'il vous plait|a nouveau|de nouveau
""")
_BETWEEN = any_of("""
    des?|une?|la|les?|cette|ces?|votre|vos|ta|ton|aucune?|quelconque|seule|directement
""")
_ABSENT = any_of(rf"""
    {_NOT}(?: {_SEE}(?: (?:ou|ni|et) (?:{_SEE}|{_HANDLE}))?)?
    oublie (?:de |d')(?:joindre|envoyer|ajouter|inclure|telecharger)
    aucune?|sans(?: (?:voir|acces a))?|(?:impossible|incapable|pas en mesure) (?:de |d'){_SEE}|il manque
    n(?:e |')(?:{_VERB} ?){{1,3}}aucune?
""")
_WAS_NOT = "n(?:e |')(?:m'|s'|semble |a |ait |ont |est |etait |avoir ){1,3}(?:est )?pas (?:avoir )?(?:ete )?"
_MISSING = any_of(rf"""
    (?:que vous \w{{2,12}}(?: \w{{2,12}})? )?{_WAS_NOT}(?:(?:bien|correctement) )?(?:{_GIVEN}|arrivee|parvenue)
    (?:semble |est |parait )?(?:etre )?(?:manquante?|manquer|absente?|indisponible|introuvable|inaccessible)
    ne s'affiche pas|n'apparait pas|manque|a ete omise|(?:n'est )?non (?:disponible|fournie|jointe)
""")
_ASK = any_of("""
    veuillez|merci de|pouvez-vous|peux-tu|pourriez-vous|pourrais-tu|s'il (?:vous|te) plait,?|si vous|essayez de
    n'hesitez pas a|j'ai besoin que vous|il faudrait
""")
_SEND = any_of(r"""
    r?e?(?:joindre|fourni\w{0,2}|envo[yi]\w{1,3}|telecharg\w{1,2}|televers\w{1,2}|partag\w{1,3}|import\w{1,2})
    ajout\w{1,2}|transmet\w{1,3}|joign\w{1,2}
""")
_TEXTUAL = r"(?:textuel(?:le)?|bas\w+ (?:uniquement )?sur (?:le |du )?texte)"

FRENCH = compiled(
    claim=any_of(rf"""
        {lacking(_ABSENT, _BETWEEN, _NOUN, _AFTER)}
        {failing(_NOUN, _MISSING, f"correctement|{_AFTER}")}
        (?<!\w)pas (?:d'images?|de photos?|de piece jointe|de fichier){then(_AFTER)}
        (?<!\w)(?:modele|assistant|ia)(?: de langage| d'ia)? (?:purement |uniquement )?{_TEXTUAL}(?!\w)
        (?<!\w)ne (?:vois|recois|peux lire|peux voir|traite) que (?:du|le) texte{then("dans votre|dans ton|et")}
        (?<!\w){_NOT} {_HANDLE} (?:directement )?(?:d'|des |les |de )(?:images|photos|fichiers){then(_AFTER)}
    """),
    request=any_of(rf"""
        (?<!\w){_ASK}(?: (?:me|bien|vouloir|le|de|a|nouveau)){{0,4}} {_SEND}(?: {_BETWEEN}){{0,3}} {_NOUN}{then(_AFTER)}
    """),
    taken_back=any_of(rf"""
        \b(?:dans|sur) (?:la |cette |votre |une |les )?{_NOUN}|\bsi\b[^,]*$|\bpas de doute\b|\bpas (?:vrai|que)\b
        \b(?:image|photo|texte|panneau|capture)\b(?: \w+){{0,4}} (?:indique|dit|affiche|montre|contient|lit|est|porte)\b
        \b(?:de|dans|sur|avec|du|seconde|deuxieme|autre|aucune|pas|image)(?: (?:la|cette|une|votre))? $
    """),
    seen=any_of(r"""
        \b(?:flou\w*|resolution|nette|nettete|petite?|illisible\w*|lisible\w*|qualite|endommag\w+|vierge)\b
    """),
)
