"""Text made canonical: each function is pure, idempotent and total.

They return an answer or raise `NormalizationError`, whose code says why and whose message never
quotes the text. `leadgateway.normalize.tolerant` holds the same functions for reading, where a
text without a canonical form is kept as typed and named in an `Issue`.
"""

from leadgateway.normalize.email import email
from leadgateway.normalize.instant import instant
from leadgateway.normalize.name import name
from leadgateway.normalize.phone import phone

__all__ = ["email", "instant", "name", "phone"]
