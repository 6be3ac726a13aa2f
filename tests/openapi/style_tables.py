"""The tables of styles: OpenAPI 3.0.4, 3.1.1, 3.2.0 "Style Examples"; RFC 6570 section 3.2."""

import enum

import pytest

ARRAY = ["blue", "black", "brown"]
OBJECT = {"R": 100, "G": 200, "B": 150}


class Refused(enum.Enum):
    """The value has no form in this style."""

    REFUSED = "refused"


REFUSED = Refused.REFUSED
VALUES = {"empty": "", "string": "blue", "array": ARRAY, "object": OBJECT}


def cells(table):
    """(style, explode, value, expected) for each cell of a table."""
    return [
        pytest.param(style, explode, VALUES[kind], expected, id=f"{style}-{explode}-{kind}")
        for style, explode, *row in table
        for kind, expected in zip(VALUES, row, strict=True)
    ]


PATH = [
    # style, explode, empty, string, array, object
    ("matrix", False, ";color", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
    ("matrix", True, ";color", ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"),
    ("label", False, ".", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
    ("label", True, ".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
    ("simple", False, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("simple", True, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
]
DEEP = ["color%5BR%5D=100", "color%5BG%5D=200", "color%5BB%5D=150"]
REPEATED = ["color=blue", "color=black", "color=brown"]
BRACKETED = ["color%5B%5D=blue", "color%5B%5D=black", "color%5B%5D=brown"]
EXPLODED = ["R=100", "G=200", "B=150"]
ONE = ["color="], ["color=blue"]
QUERY = [
    # style, explode, empty, string, array, object
    ("form", False, *ONE, ["color=blue,black,brown"], ["color=R,100,G,200,B,150"]),
    ("form", True, *ONE, REPEATED, EXPLODED),
    ("spaceDelimited", False, *ONE, ["color=blue%20black%20brown"], ["color=R%20100%20G%20200%20B%20150"]),
    ("pipeDelimited", False, *ONE, ["color=blue%7Cblack%7Cbrown"], ["color=R%7C100%7CG%7C200%7CB%7C150"]),
    ("deepObject", True, *ONE, BRACKETED, DEEP),
    # These rows are n/a in the specification, as are the single values of the three rows above.
    ("spaceDelimited", True, *ONE, REPEATED, REFUSED),
    ("pipeDelimited", True, *ONE, REPEATED, REFUSED),
    ("deepObject", False, *ONE, BRACKETED, DEEP),
]
COOKIE = [
    (style, explode, *row)
    for style in ("form", "cookie")
    for explode, *row in [
        (False, *ONE, ["color=blue,black,brown"], ["color=R,100,G,200,B,150"]),
        (True, *ONE, REPEATED, EXPLODED),
    ]
]
HEADER = [
    ("simple", False, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("simple", True, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
]


# RFC 6570 section 3.2: its variables, and its examples of simple {x}, label {.x}, matrix {;x} and form {?x}.

RFC = {
    "dom": ["example", "com"],
    "dub": "me/too",
    "hello": "Hello World!",
    "half": "50%",
    "var": "value",
    "who": "fred",
    "base": "http://example.com/home/",
    "path": "/foo/bar",
    "list": ["red", "green", "blue"],
    "keys": {"semi": ";", "dot": ".", "comma": ","},
    "v": "6",
    "x": "1024",
    "y": "768",
    "empty": "",
    "empty_keys": {},
    "count": ["one", "two", "three"],
}

RFC_EXAMPLES = [
    ("{count}", "one,two,three"),
    ("{count*}", "one,two,three"),
    ("{;count}", ";count=one,two,three"),
    ("{;count*}", ";count=one;count=two;count=three"),
    ("{?count}", "count=one,two,three"),
    ("{?count*}", "count=one&count=two&count=three"),
    ("{var}", "value"),
    ("{hello}", "Hello%20World%21"),
    ("{half}", "50%25"),
    ("{empty}", ""),
    ("{dub}", "me%2Ftoo"),
    ("{base}", "http%3A%2F%2Fexample.com%2Fhome%2F"),
    ("{list}", "red,green,blue"),
    ("{list*}", "red,green,blue"),
    ("{keys}", "semi,%3B,dot,.,comma,%2C"),
    ("{keys*}", "semi=%3B,dot=.,comma=%2C"),
    ("{.who}", ".fred"),
    ("{.half}", ".50%25"),
    ("{.dom*}", ".example.com"),
    ("{.var}", ".value"),
    ("{.empty}", "."),
    ("{.list}", ".red,green,blue"),
    ("{.list*}", ".red.green.blue"),
    ("{.keys}", ".semi,%3B,dot,.,comma,%2C"),
    ("{.keys*}", ".semi=%3B.dot=..comma=%2C"),
    ("{.empty_keys}", ""),
    ("{.empty_keys*}", ""),
    ("{;who}", ";who=fred"),
    ("{;half}", ";half=50%25"),
    ("{;empty}", ";empty"),
    ("{;hello}", ";hello=Hello%20World%21"),
    ("{;path}", ";path=%2Ffoo%2Fbar"),
    ("{;list}", ";list=red,green,blue"),
    ("{;list*}", ";list=red;list=green;list=blue"),
    ("{;keys}", ";keys=semi,%3B,dot,.,comma,%2C"),
    ("{;keys*}", ";semi=%3B;dot=.;comma=%2C"),
    ("{;empty_keys}", ""),
    ("{;empty_keys*}", ""),
    ("{?who}", "who=fred"),
    ("{?half}", "half=50%25"),
    ("{?x}", "x=1024"),
    ("{?empty}", "empty="),
    ("{?list}", "list=red,green,blue"),
    ("{?list*}", "list=red&list=green&list=blue"),
    ("{?keys}", "keys=semi,%3B,dot,.,comma,%2C"),
    ("{?keys*}", "semi=%3B&dot=.&comma=%2C"),
    ("{?empty_keys}", ""),
]
