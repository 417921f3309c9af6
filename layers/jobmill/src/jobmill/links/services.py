"""The links of this process, made from its settings at their first use."""

from functools import cache

from jobmill import aws
from jobmill.jobs.services import store
from jobmill.links.keys import LinkKeys
from jobmill.links.links import Links
from jobmill.settings import settings
from jobmill.times import now_utc


@cache
def links() -> Links:
    """The links signed by the keys of the settings' secret."""
    here = settings()
    keys = LinkKeys(aws.secrets, here.link_keys_secret, now_utc)
    return Links(store(), keys, public_url=here.public_url, lifetime=here.link_lifetime, clock=now_utc)
