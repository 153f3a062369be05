"""Words that cannot begin or end a phrase: function words and days of eight languages, verbs that say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_ENGLISH = """
a about above after again all also although always am an and another any anybody anyone anything are around as
at away back be because been before being below between both but by came come could did do does doing done down
during each either else enough even ever every everyone everything few for from further had has have having he
her here hers herself him himself his how however i i'd i'll i'm i've if in into is it it'd it'll it's its itself
just kindly least less let let's like lot lots made many may maybe me might mine more most much must my myself
near need needed needing needs nearly now of off often on once one ones only onto or other others otherwise our
ours ourselves out over own per perhaps please quite rather really s same shall she she's should since so some
somebody someone something still such t than thank thanks that that's the their theirs them themselves then
there there's these they they'd they'll they're they've thing things this those though through thru thus to
today together too toward towards under until up upon us very via was we we'd we'll we're we've well were what
what's whatever when where where's whether which while who who's whom whose why will with within would yes yet
you you'd you'll you're you've your yours yourself yourselves
able ask asked asking believe bit call came can check day days dear do feel find found get gets getting give given
giving go goes going gone good got guess hello help helped helping hey hi hiya hope know knew known knows let look
looked looking looks make makes making mean means nice please put regards said saw say saying says see seem
seemed seems seen show sincerely soon sort start started sure take taken takes taking tell telling tells think
thinking thought told took tried try trying understand use used using want wanted wanting wants way went
wish wonder wondering work worked
"""
_GERMAN = """
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist bitte brauche da dabei
dadurch dafür damit danach danke dann daran darauf darüber das dass davon dazu dein deine dem den denn der deren
des deshalb dessen die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer
eines einige er es etwas euch euer eure für ganz gar geehrte geehrter gegen gehen gerne grüße grüßen habe haben
hallo hat hatte hatten heute hier hätte ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ist ja jede jedem
jeden jeder jedes jetzt kann kannst können könnte könnten lassen machen mehr mein meine meinem meinen meiner
mich mir mit mal möchte möchten müssen muss muß nach noch nun nur ob oder ohne schon sehr sein seine seinem
seinen seiner seit sich sie sind so sollte sollten soll sondern sowie trotzdem um und uns unser unsere unter viel
viele vielen vom von vor wann war waren warum was weil weiter welche welcher wenn wer werde werden wie wieder
will wir wird wo wurde wurden während wäre würde würden zu zum zur zwischen über
"""
_FRENCH = """
ai ainsi alors après as assez au aucun aujourd'hui aussi autre autres aux avant avec avez avoir avons bien bonjour c'est ce cela
celle celui ces cet cette ceux chez ci comme comment cordialement d'un d'une dans de depuis des donc dont du elle
elles en encore entre est et eu eux faire fait fais faut ici il ils j'ai je jusqu l'on la le les leur leurs lui là
m'a ma mais me merci mes moi moins mon même n'est ne nos notre nous on ont ou où par parce pendant peu peut peux plus
plusieurs pouvez pour pourquoi pourriez puis qu'il qu'elle quand que quel quelle quelles quels qui quoi s'il sa
sans se sera ses si soit sommes son sont sous suis sur ta tes toi ton toujours tous tout toute toutes trop très tu
un une veux vos votre voudrais vous voulez y à été être deux trois
"""
_SPANISH = """
a al algo algunas algunos ante antes aquí aunque así buenas buenos cada como con contra cual cuando de del desde
donde dos e el él ella ellas ellos en entre era es esa esas ese eso esos esta estaba estado estamos estas este
esto estos estoy está están fue fueron gracias ha haber había hace hacer han hasta hay he hemos hola la las le
les lo los luego me mediante mi mientras mis mucho muchos muy más mí nada nos nosotros o os otra otras otro otros
para pero poco por porque pueda puede pueden puedo pues que quien quiero quisiera qué saludos se sea según ser si
sido siempre sobre solo son soy su sus sólo sí también tan tanto te tengo tener tiene tienen todo todos tu tus un
una uno unos usted ustedes va vez voy y ya yo
"""
_DUTCH = """
aan al alle alles als altijd ander andere bedankt ben beste bij daar dan dat de deze die dit doen door dus een en
er graag groet groeten had hallo heb hebben heeft hem hen het hier hij hoe hun ik in is ja jaar je jij jou jouw
gaat nodig zien laat alstublieft alsjeblieft goedemorgen goedemiddag goedenavond jullie kan kunnen kunt laten maar maken
me meer meest met mij mijn moet moeten mogen naar nog nu of om omdat ons onze ook op over staat te tegen toch toen tot u uit uw van veel voor waar waarom wanneer waren wat we weer wel
welke werd wie wij wil willen word worden wordt zal ze zelf zich zij zijn zo zonder zou zouden
"""
_ITALIAN = """
a abbiamo ad agli ai al alla alle allo altra altre altri altro anche ancora avere aveva buongiorno c'è che chi ci
ciao come con cosa così cui da dagli dal dalla dalle degli dei del dell della delle dello di dopo dov'è bisogno sarà e ed era
erano essere fa fare fatto fino gli grazie ha hai hanno ho i il in io l'ho la le lei li lo loro lui ma me mi mia
mie miei mio molto ne negli nei nel nella nelle noi nostra nostro o ogni per perché più poi posso potete può
qualche quale quando quanto quella quelle quelli quello questa queste questi questo qui quindi saluti se sei si
sia siamo sono sta stato sto su sua sue sugli sui sul sulla suo suoi te ti tra tu tua tuo tutti tutto un una uno
vi voglio voi vorrei vostra vostro è due tre stata stati
"""
_PORTUGUESE = """
a agora ainda algo alguma algumas alguns algum ali além antes ao aos apenas após aquela aquele aqueles aquilo aqui as
assim até atenciosamente bem boa boas bom bons cada caro cara com como contra cumprimentos da dado daquele das de dela
dele deles demais depois desde dessa desse desta deste deu devem deve dia disse disso dizer do dois dos duas durante e
ela elas ele eles em embora enquanto então entre era eram essa essas esse esses esta estamos estar estas estava este estes
estou está estão eu faz fazer feito fez fica ficar foi fora foram for fosse gostaria gostava há havia isso isto já lá lhe
lhes lo logo mais mas me mediante meia menos mesma mesmo meu meus minha minhas muita muitas muito muitos na nas nessa
nesse nesta neste no nos nossa nossas nosso nossos num numa nós o obrigada obrigado olá onde ontem os ou outra outras
outro outros para pela pelas pelo pelos perante pode podem poderia poderiam podia por porque porquê pois posso pouco
precisa preciso pra qual qualquer quais quando quanto que quem quero quer queria quê se segue seja sem sempre sendo ser
será seu seus si sido sob sobre somos sou sua suas são só também tanto tarde te tem temos tenha tenho ter teu teus tinha
tinham tive toda todas todo todos tu tua tudo um uma umas uns vai vez vocês você vos vou à às é
"""
_JAPANESE = """
今日 昨日 明日 今回 先日 現在 以前 以上 以下 場合 午前 午後 今週 先週 来週 今月 先月 来月 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日
日曜日 平日 週末 世話 何卒 宜 失礼 大変 至急 連絡 確認 問合 質問 回答 返事 教示 対応 希望 利用 使用 可能 必要 予定 自分 本当 全部 全然
一度 何度 何回 最近 毎日 方法 状態 状況 理由 内容 件名 様 方々 皆様 当方 弊社 御社 貴社 担当者 下記 以下 上記 コト モノ トキ お客様 私達
"""
_CALENDAR = """
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat january february march
april june july august september october november december yesterday tomorrow tonight morning afternoon evening
montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober dezember gestern morgen
lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril juin juillet août septembre octobre novembre
décembre hier demain lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril mayo junio julio agosto
septiembre octubre noviembre diciembre ayer mañana maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari
maart augustus gisteren lunedì martedì mercoledì giovedì venerdì sabato domenica gennaio febbraio aprile maggio giugno luglio
settembre ottobre dicembre ieri domani segunda-feira terça-feira quarta-feira quinta-feira sexta-feira segunda terça quarta
quinta sexta feira
heures heure matin soir midi après-midi semaine uhr mittag mittags vormittag nachmittag abend abends früh morgens übermorgen
vandaag ochtend ochtends middag middags avond avonds vanmiddag vanavond vanochtend morgenochtend overmorgen uur oggi mattina
pomeriggio sera stasera stamattina dopodomani hoy tarde noche 月曜 火曜 水曜 木曜 金曜 土曜 日曜 今朝 今晩 今夜 明後日
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro amanhã hoje manhã noite
"""
_NEGATIONS = """
not never no without cannot can't cant couldn't didn't didnt doesn't doesnt don't dont hasn't haven't isn't
shouldn't wasn't weren't won't wont wouldn't nothing nobody none neither nor
nicht nie nichts kein keine keinen keinem keiner keines niemand pas jamais rien aucune nunca tampoco niet geen nooit
niets non mai nessun nessuna niente não nunca jamais nenhum nenhuma ninguém nem
"""

NEGATIONS: frozenset[str] = frozenset(_NEGATIONS.split())
"""Lower-case words that may begin a phrase ("not received") but neither end one nor stand alone."""

FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split()) - NEGATIONS
    for language, words in (
        ("en", _ENGLISH),
        ("de", _GERMAN),
        ("es", _SPANISH),
        ("fr", _FRENCH),
        ("it", _ITALIAN),
        ("nl", _DUTCH),
        ("pt", _PORTUGUESE),
    )
}
"""By language, lower-case words that neither begin nor end a phrase. Negations are not among them."""

EVERYWHERE: frozenset[str] = frozenset(f"{_CALENDAR} {_JAPANESE}".split()) - NEGATIONS
"""The same for words that mean no topic whatever language the texts are in: a day of the week names none."""

_LEAST_HITS = 3
_LEAST_SHARE = 0.005


def stop_words(
    words: Sequence[str], ids: NDArray[np.int32], rows: NDArray[np.int64], n_texts: int
) -> frozenset[str]:
    """Return the words that cannot begin or end a phrase of these texts.

    A text is in the language most of its words are function words of, if they are at least three. Lists of
    languages that fewer than one text in 200 is in are left out: Dutch "van" and "door" are things in English. Where
    no text tells, all lists count.

    Parameters
    ----------
    words
        Words by id.
    ids, rows
        (n_words,): the words of all texts, and the text each stands in.
    n_texts
        Number of texts.
    """
    hits = np.stack(
        [np.bincount(rows[_among(words, known)[ids]], minlength=n_texts) for known in FUNCTION_WORDS.values()]
    )
    told = hits.max(axis=0, initial=0) >= _LEAST_HITS
    counts = np.bincount(hits.argmax(axis=0)[told], minlength=len(hits))
    present = counts >= max(1.0, _LEAST_SHARE * n_texts)
    lists = [known for known, there in zip(FUNCTION_WORDS.values(), present, strict=True) if there]
    return EVERYWHERE.union(*(lists or FUNCTION_WORDS.values()))


def _among(words: Sequence[str], known: frozenset[str]) -> NDArray[np.bool_]:
    return np.fromiter((word in known for word in words), np.bool_, len(words))
