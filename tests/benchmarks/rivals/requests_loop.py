"""A bare loop over requests.Session: JSON in, JSON out, one request after the other."""

import requests
from plain_loop import run


def session(headers: dict[str, str]) -> requests.Session:
    opened = requests.Session()
    opened.headers.update(headers)
    return opened


if __name__ == "__main__":
    run(session)
