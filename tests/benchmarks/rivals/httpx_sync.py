"""A bare loop over httpx.Client: JSON in, JSON out, one request after the other."""

import httpx
from plain_loop import run

if __name__ == "__main__":
    run(lambda headers: httpx.Client(headers=headers, timeout=60))
