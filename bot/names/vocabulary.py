"""The words by which people ask for names and talk with the bot: a closed list, ё as е.

A numeral or two, and the words of one subject in all their forms: a stemmer or a parser of numerals
would know more words, none of them asked for here, and take longer to load than the bot itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from ml.names.records import Gender, Kind


class Role(Enum):
    """What a word does in what a person says."""

    GENDER = auto()
    COUNT = auto()
    PEOPLE = auto()  # for so many
    NAME = auto()
    NAMES = auto()
    SURNAME = auto()
    PATRONYMIC = auto()
    NOVEL = auto()
    ASK = auto()
    FOR = auto()  # what follows is for whom the name is
    OR = auto()
    PLEASE = auto()
    PREPOSITION = auto()  # what follows may be the first letters: на А
    LETTERS = auto()  # what follows are the first letters: на букву А
    FROM = auto()
    AGAIN = auto()
    NOT = auto()
    FILLER = auto()  # says nothing that changes the answer
    BEYOND = auto()  # a wish that the bot cannot fulfil
    DECLINE = auto()
    HELP = auto()
    QUESTION = auto()
    WHO = auto()
    GREETING = auto()
    THANKS = auto()
    FAREWELL = auto()
    SMALL_TALK = auto()
    PRAISE = auto()
    BLAME = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is known.

    `alone`: it is a word even when nothing beside it says that it is one. The others begin real
    names (на, три, кот), and whoever writes nothing else means the beginning.
    """

    role: Role
    gender: Gender | None = None
    number: int = 0
    alone: bool = True


KINDS: dict[Role, Kind] = {Role.SURNAME: "surname", Role.PATRONYMIC: "patronymic"}

# How many names "names" are, when nobody says how many, and how many "many" are.
SEVERAL = 5
MANY = 10

# Endings follow a stem: ``доч|ь,ка`` is дочь and дочка, ``сын|,а`` is сын and сына.
_GENDERS: dict[Gender, str] = {
    "m": """
мужск|ое,ой,ие,их,ого,ому,ая,ую мальчик|,а,у,ом,и,ов,ам мальчиш|ка,ку,ке,ки,кой
пацан|,а,у,чик,чика,чику парень парн|я,ю,ем,и,ей мужчин|а,ы,е,у,ой мужик|,а,у юнош|а,и,е,у,ей
сын|,а,у,ом,овей,овьям,ок,ишка,ишки,ишке,ишку,уля сыноч|ек,ка,ку,ков сынк|а,у,ом
внук|,а,у,ом,и,ов,ам внуч|ек,ков брат|,а,у,ом,ик,ика,ику племянник|,а,у,ом папа папы папе дедушк|и,е
кот|,а,у,ом,ик,ика,ику котен|ок,ка,ку пес пс|а,у,ом щен|ок,ка,ку конь кон|я,ю,ем
принц|,а,у геро|й,я,ю,ем рыцар|ь,я,ю
boy boys boy's boys' male males man men man's men's son sons son's grandson brother nephew hero guy
masculine""",
    "f": """
женск|ое,ой,ие,их,ого,ому,ая,ую девоч|ка,ки,ке,ку,кой,ек,кам девуш|ка,ки,ке,ку,кой,ек,кам
девчон|ка,ки,ке,ку,кой,ок,кам девчуш|ка,ки,ке,ку девчат женщин|а,ы,е,у,ой,,ам дам|а,ы,е,у
доч|ь,ка,ки,ке,ку,кой,ек,кам,ери,ерью,ура,уры,уре дочур|ка,ки,ке,ку доченьк|а,и,е,у,ой
внуч|ка,ки,ке,ку,кой,кам внученьк|а,и,е,у сестр|а,ы,е,у,ой сестрен|ка,ки,ке,ку сестрич|ка,ки,ке,ку
племянниц|а,ы,е,у,ей мама мамы маме бабушк|и,е
кош|ка,ки,ке,ку,кой кошеч|ка,ки,ке,ку принцесс|а,ы,е,у героин|я,и,е,ю,ей невест|а,ы,е,у
girl girls girl's girls' female females woman women woman's women's daughter daughters daughter's
granddaughter sister niece heroine lady feminine""",
}
_NUMBERS = {
    1: "од|ин,но,на,ну,ного one",
    2: """
дв|а,е,ух,оих,ойня,ойни,ойню двойняш|ки,ек,кам близнец|ы,ов,ам пар|а,у,ы,очку,очка
two twins couple pair""",
    3: "тр|и,ех,оих,ойня,ойни,ойню three triplets",
    4: "четыр|е,ех four",
    SEVERAL: "пят|ь,и,ок,ерку несколько five several some few",
    6: "шест|ь,и six",
    7: "сем|ь,и seven",
    8: "вос|емь,ьми eight",
    9: "девят|ь,и nine",
    MANY: "десят|ь,и,ок,ка много побольше ten many",
    12: "двенадцать дюжин|а,у dozen",
    15: "пятнадцать fifteen",
    20: "двадцать twenty",
    50: "пятьдесят fifty",
    100: "сто сотн|я,ю,и hundred",
    1000: "тысяч|а,у,и thousand",
}
# Said of those who get the names rather than of the names.
_SEVERAL_PEOPLE = """
двойня двойни двойню двойняшки двойняшек двойняшкам близнецы близнецов близнецам
тройня тройни тройню twins triplets"""
_WORDS = {
    Role.NAME: "им|я,ени,енем имечк|о,а,у name name's",
    Role.NAMES: "им|ена,ен,енами,енам имечек names",
    Role.SURNAME: "фамили|я,и,ю,ей,й,ями surname surnames",
    Role.PATRONYMIC: "отчеств|о,а,у,ом,,ами patronymic patronymics",
    Role.NOVEL: """
придуманн|ое,ые,ых выдуманн|ое,ые,ых вымышленн|ое,ые,ых небывал|ое,ые,ых несуществующ|ее,ие,их
invented made-up fictional""",
    Role.ASK: """
дай дайте подай выдай придума|й,йте,ть,ешь,ете,л,ла выдума|й,йте,ть сочини сочините сочинить
подбери подберите подобрать подберешь предложи предложите предложить посоветуй посоветуйте
посоветовать назов|и,ите,ешь,ете,ем назвать назвали сгенерируй сгенерируйте сгенерировать создай
создайте создать напиши напишите покажи покажите выбери выберите выбрать найди найдите найти
ищ|у,ем нуж|но,ны,ен,на надо хо|чу,тим,чешь,тите хочется хотел|ось,а,и, требуется давай давайте
скажи скажите подскажи подскажите помоги помогите помочь накидай накидайте вариант|,ы,ов,а
give want need invent generate suggest find create show pick choose tell get
make looking call""",
    Role.FOR: "для for",
    Role.OR: "или либо or",
    Role.PREPOSITION: "на с со в on with in by",
    Role.LETTERS: """
букв|у,ы,а,е,ой буквосочетани|е,я слог слога начина|ется,ются,ться,ющееся,ющиеся,ющихся,лось,лись,я
начал|о,а,ом перв|ая,ую,ые,ыми,ой letter letters start starts starting
begin begins beginning prefix""",
    Role.FROM: "от к у про of from",
    Role.AGAIN: """
еще следующ|ее,ая,ую,ие дальше далее друг|ое,ая,ую,ие,их,ого,ой повтори повторите снова заново опять
добавь иначе more another next again other else""",
    Role.NOT: "не без кроме not no without except don't dont",
    Role.PLEASE: """
пожалуйста пожалуста пжлст пж плиз плз прошу будьте будь добр|а,ы любезны please pls""",
    Role.FILLER: """
нам ему ей им ребен|ок,ка,ку,ком дете|й,ныш дет|и,ям малыш|,а,у,ка,ке,ку,ом,ей персонаж|,а,у,ей,ем
собак|а,и,е,у собач|ка,ки,ке,ку питом|ец,ца,цу животн|ое,ого,ому хомя|к,ка,ку,чка попуга|й,я,ю,йчика
рыб|ка,ки,ке,ку черепах|а,и,е,у новорожденн|ого,ой,ому,ых будущ|его,ей,ему,их
наш|ей,его,ему,их мо|ей,его,ему,их,й,я,и,е сво|ей,его,ему,их,ю маленьк|ой,ого,ому
как|ое,ая,ие,ую,ой как|ое-нибудь,ую-нибудь,ой-нибудь,ие-нибудь,ое-то,ое-либо нибудь что-нибудь
люб|ое,ую,ые,ой,ая просто например типа вот себе
красив|ое,ые,ых,ая,ую,ого необычн|ое,ые,ых,ая,ую,ого редк|ое,ие,их,ая,ую интересн|ое,ые,ых,ая,ую
хорош|ее,ие,их,ая,ую крут|ое,ые,ых,ая,ую прикольн|ое,ые,ых,ая,ую классн|ое,ые,ых,ая,ую
оригинальн|ое,ые,ых,ая,ую мил|ое,ые,ых,ая,ую звучн|ое,ые,ых,ая,ую нежн|ое,ые,ых,ая,ую
сильн|ое,ые,ых,ая,ую достойн|ое,ые,ых,ая,ую уникальн|ое,ые,ых,ая,ую прекрасн|ое,ые,ых,ая,ую
русск|ое,ие,их,ого,ая,ую,ом,ий славянск|ое,ие,их,ого,ая,ую российск|ое,ие,их,ая,ую
стар|ое,ые,ых,ая,ую старинн|ое,ые,ых,ая,ую древн|ее,ие,их,яя,юю старорусск|ое,ие,их
церковн|ое,ые,ых нов|ое,ые,ых,ая,ую штук|,и,у шт штуч|ка,ку,ек раз разок выбор вкус ваш твой
тебя тебе вас вам ты вы я мне мы бы б имярек он она они его ее их это эт|от,у,ого,и,а
то там тут а и ну же ли о об по но зато тоже ой ай ах эх ух ура есть бывают жен|а,е,ой беремен|на,ны
ждем можно мож|ешь,ете,ем,ет могу мог зна|ю,ем,ешь если чтобы чтоб
котор|ое,ые,ая,ую роман|а,е книг|а,и игр|а,ы рассказ|а сказ|ка,ки фанфик|а
сейчас теперь тогда да все вообще только очень самое
a an the me us my our i i'd we you your can could would will should to that which it is are be and
um so just new nice beautiful pretty cute rare unusual good like russian slavic old baby child kid
character dog cat pet idea ideas any""",
    Role.BEYOND: """
знач|ит,ение,ения означает обозначает происхождени|е,я именины перевод переводится гороскоп
псевдоним|,ы никнейм ник прозвищ|е,а клич|ка,ку,ки позывной
заканчива|ется,ются,ющееся,ющиеся,ясь оканчива|ется,ются кончается окончани|е,ем,я
рифм|а,у,ой рифмуется похож|ее,ие,их,ая сочета|ется,лось,ющееся созвучн|ое,ые
длин|а,ой,нее,ное,ные,ных,ная,ную корот|кое,кие,ких,кая,кую короче покороче подлиннее слогов букв
буквами состоит состоящее настоящ|ее,ие,их существующ|ее,ие,их реальн|ое,ые,ых известн|ое,ые,ых
популярн|ое,ые,ых модн|ое,ые,ых обычн|ое,ые,ых современн|ое,ые,ых
английск|ое,ие,их,ая,ую американск|ое,ие,их,ая,ую иностранн|ое,ые,ых,ая,ую зарубежн|ое,ые,ых,ая,ую
немецк|ое,ие,их,ая,ую французск|ое,ие,их,ая,ую итальянск|ое,ие,их,ая,ую испанск|ое,ие,их,ая,ую
японск|ое,ие,их,ая,ую китайск|ое,ие,их,ая,ую корейск|ое,ие,их,ая,ую греческ|ое,ие,их,ая,ую
татарск|ое,ие,их,ая,ую кавказск|ое,ие,их,ая,ую чеченск|ое,ие,их,ая,ую башкирск|ое,ие,их,ая,ую
казахск|ое,ие,их,ая,ую украинск|ое,ие,их,ая,ую армянск|ое,ие,их,ая,ую еврейск|ое,ие,их,ая,ую
мусульманск|ое,ие,их,ая,ую арабск|ое,ие,их,ая,ую латинск|ое,ие,их,ая,ую
фио инициалы смешн|ое,ые,ых,ая,ую страшн|ое,ые,ых,ая,ую
ending ends end rhymes rhyming long short longer shorter meaning means mean origin nickname real
existing famous popular english american japanese german french modern""",
    Role.DECLINE: """
склонени|е,я просклоняй|,те склоняй|,те склоня|ть,ется,ешь,ете просклонять падеж|,и,ах,ам,у,е,ей
declension decline declensions""",
    Role.HELP: """
помощь хелп справк|а,у,и инструкци|я,ю,и уме|ешь,ете,ет понима|ешь,ете,ю понял поняла понятно
работа|ешь,ет,ть,ете пользоваться команд|ы,а придумыва|ешь,ете объясни объясните
меню настройки старт help commands menu work""",
    Role.QUESTION: "что чего зачем почему откуда сколько what what's why",
    Role.WHO: """
кто зовут зовешься называешься бот робот человек живой нейросеть who called robot human bot""",
    Role.GREETING: """
привет|,ик,ики,ствую,ули здравствуй здравствуйте здрас|те,ьте,ти здаров|а,о здоров здорова хай хэй
хей хелло хеллоу салют добр|ый,ое,ой,ейшего утр|о,а вечер|,а,ок,очек,очка день дня ночи алло ку
hello hi hey hiya greetings morning evening afternoon""",
    Role.THANKS: """
спасиб|о,ки,очки, пасиб|о,ки, спс благодар|ю,им,ствую,ен,на мерси сенкс
thanks thank thx ty cheers""",
    Role.FAREWELL: """
пока покеда прощай прощайте свидания встречи увидимся бывай чао до bye goodbye""",
    Role.SMALL_TALK: """
как how дела делишки дела|ешь,ете пожива|ешь,ете жизнь настроение чувству|ешь,ете doing
окей угу хм кек ладно ясно понятно погода новости okay lol hm""",
    Role.PRAISE: """
супер класс классно круто отлично здорово прекрасно замечательно великолепно красиво красота
молодец молодчина умниц|а,ы умничка шикарно топ огонь нравится понравил|ось,ся,ись,ась прикольно
хорошо норм нормально неплохо ого вау лайк идеально бомба люблю любишь
love loved liked cool great awesome wow lovely perfect excellent wonderful amazing""",
    Role.BLAME: """
плохо ужас ужасн|о,ое фу фуу отстой бред чушь ерунда фигня кошмар отвратительно некрасиво глупо
глупость дурак дура дурачок дурацк|ое,ий туп|ой,ая,ое,ица идиот дебил кретин бесполезн|ый,о
плох|ой,ая,ое гадость мерзко мерзость дизлайк нет неа странно надоел|,о,а заткнись замолчи отстань
отвали уйди bad awful terrible stupid idiot dumb ugly horrible useless sucks nope hate""",
}
# Of the words above, those with which given names begin, the English ones in Latin letters.
_BEGIN_NAMES = """
а б брат в вас все вы да дай дама две до добры его же жене и или им к ку ли мама маме мои мой на нам
не ник ну о он они от романа пара пару пес по про раз с со сто там то три у фу хай хотим я
a an and any are be by call can do german get
i in is it me my no of on one or pet so ten to um us we"""


def _forms(text: str) -> Iterator[str]:
    for item in text.split():
        stem, _, endings = item.partition("|")
        yield from (stem + ending for ending in endings.split(","))


def _vocabulary() -> Iterator[tuple[str, Word]]:
    begin_names = frozenset(_BEGIN_NAMES.split())
    several_people = frozenset(_SEVERAL_PEOPLE.split())
    for word, role, value in _listed():
        if role is Role.COUNT and word in several_people:
            role = Role.PEOPLE
        # The short fillers, pronouns and particles, could begin a name that nobody bears yet.
        short = role is Role.FILLER and len(word) <= 3 and not word.isascii()
        alone = word not in begin_names and not short
        if isinstance(value, int):
            yield word, Word(role, number=value, alone=alone)
        else:
            yield word, Word(role, gender=value, alone=alone)


def _listed() -> Iterator[tuple[str, Role, Gender | int | None]]:
    for gender, text in _GENDERS.items():
        yield from ((word, Role.GENDER, gender) for word in _forms(text))
    for number, text in _NUMBERS.items():
        yield from ((word, Role.COUNT, number) for word in _forms(text))
    for role, text in _WORDS.items():
        yield from ((word, role, None) for word in _forms(text))


VOCABULARY = dict(_vocabulary())
