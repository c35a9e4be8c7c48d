"""What can go wrong, in words a person can act on. `kernel.web` maps each to a status and a page."""

from collections.abc import Mapping

from lms.kernel.text import Message, msg


class DomainError(Exception):
    """A refusal with a sentence for the person who caused it. Everything is rolled back."""

    status = 400

    def __init__(self, message: Message | None = None) -> None:
        self.message = message or self.default()
        super().__init__(str(self.message))

    @classmethod
    def default(cls) -> Message:
        return msg("这一步没有做成，什么也没有改动。")


class NotSignedIn(DomainError):
    """Nobody is signed in where somebody must be; pages lead to the sign-in form."""

    status = 401

    @classmethod
    def default(cls) -> Message:
        return msg("请先登录，再打开这一页。")


class NotAllowed(DomainError):
    """It exists and is in your place, but your role may not do this."""

    status = 403

    @classmethod
    def default(cls) -> Message:
        return msg("您的身份不能做这一步。需要时请找本单位的管理员。")


class NotFound(DomainError):
    """It does not exist, or belongs to another organisation: the two look the same."""

    status = 404

    @classmethod
    def default(cls) -> Message:
        return msg("没有找到这一页。可能地址变了，回“今天”看看。")


class Conflict(DomainError):
    """Somebody else, or you elsewhere, changed it first."""

    status = 409

    @classmethod
    def default(cls) -> Message:
        return msg("这条记录刚刚被改过。请看过新的内容，再决定要不要改。")


class Gone(DomainError):
    """It was there and is over: an expired code, a closed course."""

    status = 410

    @classmethod
    def default(cls) -> Message:
        return msg("这个地址已经失效。")


class TooLarge(DomainError):
    """More bytes than we take."""

    status = 413

    @classmethod
    def default(cls) -> Message:
        return msg("文件或文字太大了，没有收下。")


class Invalid(DomainError):
    """The input is wrong: a sentence for the whole, and one for each field by its name."""

    status = 422

    def __init__(
        self, message: Message | None = None, *, fields: Mapping[str, Message] | None = None
    ) -> None:
        self.fields: Mapping[str, Message] = dict(fields or {})
        super().__init__(message or next(iter(self.fields.values()), None))

    @classmethod
    def default(cls) -> Message:
        return msg("有几处没有填对，请看标出的地方。")


class TooMany(DomainError):
    """Too many tries in too short a time; says when to try again."""

    status = 429

    @classmethod
    def default(cls) -> Message:
        return msg("试的次数太多了，请过一会儿再来。")


class Transient(Exception):
    """A fault that may pass by itself (a port that did not answer): the outbox tries again later."""
