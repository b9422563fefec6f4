from supportbot.domain.chat.persons import CODE_LENGTH, Persons, hashed, normalised, shown

PERSONS = Persons.of([["slack:U1", "discord:7"], ["discord:8", "slack:U2", "slack:U3"]])


def test_all_that_a_person_has_is_one_person() -> None:
    assert PERSONS.members("slack:U1") == PERSONS.members("discord:7") == ("discord:7", "slack:U1")
    assert PERSONS.person("slack:U1") == PERSONS.person("discord:7")
    assert PERSONS.person("slack:U2") != PERSONS.person("slack:U1")


def test_who_has_joined_nothing_is_themselves() -> None:
    assert PERSONS.members("slack:U9") == ("slack:U9",)
    assert PERSONS.person("slack:U9") == "slack:U9"


def test_a_person_is_found_where_they_are() -> None:
    assert PERSONS.on("slack", "discord:7") == "slack:U1"
    assert PERSONS.on("slack", "slack:U1") == "slack:U1"
    assert PERSONS.on("terminal", "slack:U1") == ""
    assert PERSONS.on("slack", "discord:9") == ""


def test_a_code_is_read_however_it_is_typed() -> None:
    code = "ABCD2345"

    assert len(code) == CODE_LENGTH
    assert shown(code) == "ABCD-2345"
    assert normalised(" abcd-2345 ") == code
    assert hashed("abcd 2345") == hashed(shown(code)) != hashed("ABCD2346")
    assert code not in hashed(code)
