"""A part of a schema that no value satisfies. Whether that matters is for the parts around it to say."""


class Impossible(Exception):
    def __init__(self, place: tuple[str, ...], why: str) -> None:
        super().__init__(f"{'.'.join(place)}: {why}" if place else why)
        self.place = place
        self.why = why
