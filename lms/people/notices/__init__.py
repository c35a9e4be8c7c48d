"""Notices (消息): the few things a person should hear of without looking for them, in a list of her own.

Whoever is above posts into it, in the transaction of what happened, and settles what is done. What is posted shows in
the list; whether a text message or a mail says that there is something, she chooses.
"""

from lms.people.notices.posting import Post, forget, post, post_all, settle, settle_all, settle_where
from lms.people.notices.rules import Kind

__all__ = ["Kind", "Post", "forget", "post", "post_all", "settle", "settle_all", "settle_where"]
