"""Messages that come in masses: while one of a kind is unread, the next is added to it instead of standing beside it."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from portal import clock
from portal.messages.outbox import Letter
from portal.messages.privacy import without_id_numbers

# So many of the newest letters are listed.
LISTED = 10
# One statement, so that two letters at once are both counted: the partial unique index decides which of them comes first.
_ADD = """
INSERT INTO portal_messages_message AS m
    (recipient_id, title, body, url, urgent, key, digest, count, sent_at, business_at)
SELECT person, %(title)s, %(body)s, %(url)s, false, '', %(kind)s, 1, %(real)s, %(now)s
FROM unnest(%(people)s) AS person ORDER BY person
ON CONFLICT (recipient_id, digest) WHERE read_at IS NULL AND NOT (digest = '')
DO UPDATE SET
    count = m.count + 1,
    title = replace(%(words)s, '{count}', (m.count + 1)::text),
    body = array_to_string((string_to_array(
        EXCLUDED.title || E'\\n' || CASE WHEN m.count = 1 THEN m.title ELSE m.body END, E'\\n'
    ))[1:%(listed)s], E'\\n'),
    url = %(all)s,
    business_at = EXCLUDED.business_at
"""


def add_up(letter: Letter) -> int:
    """Write the letter to each of its people, or add it to the unread one of its kind; return to how many."""
    digest, people = letter.digest, sorted(set(letter.recipients))
    if digest is None or not people:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "title": without_id_numbers(letter.title)[:200],
                "body": without_id_numbers(letter.body),
                "url": letter.url,
                "kind": digest.kind,
                "words": digest.words,
                "all": digest.url,
                "people": people,
                "listed": LISTED,
                "real": timezone.now(),
                "now": clock.now(),
            },
        )
    return len(people)
