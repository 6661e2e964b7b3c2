"""Every error that a user or a client can meet.

SwarmError
├── BadRequest                  400  the request itself is wrong
│   ├── NotSupported            400  a known field that is not honoured yet
│   └── ContextOverflow         400  the prompt does not fit the context
├── Forbidden                   403  the caller may not do this
├── Unauthorized                401  a key is missing or wrong
├── NotFound                    404  no such route or model
│   └── ModelNotFound           404
├── WrongMethod                 405  the route exists, the method does not
├── BodyTooLarge                413
├── Unavailable                 503  try again later; carries `retry_after`
│   ├── ModelLoading            503
│   ├── Overloaded              503
│   ├── EngineDied              503  the engine process ended under a request
│   ├── NoQuorum                503  fewer valid answers than the request asked for
│   ├── Unanswered              503  it may have been done: the answer did not come
│   └── ShuttingDown            503
├── EngineFault                 500  the engine refused to go on with this one request
├── HalfDone                    424  tools were used for an answer that then failed: the same request uses them again
├── UpstreamFault               502  another server that was asked answered with something that is no answer
└── StartError                       the node cannot start; printed, never served
    ├── SettingError
    │   └── UnknownModel             models/catalogue/names.py
    ├── ModelUnusable
    ├── PortTaken
    ├── DownloadFailed               models/hub/refusals.py draws what is below it
    ├── StateUnusable                state/failures.py
    ├── AlreadyRunning               state/budget.py
    ├── DoesNotFit                   state/budget.py
    └── PairingFailed                federation/pairing.py

`status` and `code` are class attributes: the API maps by class, once.
"""


class SwarmError(Exception):
    """The root. The message is a whole sentence for the user."""

    status = 500
    code = "internal_error"
    kind = "server_error"

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class BadRequest(SwarmError):
    status = 400
    code = "invalid_value"
    kind = "invalid_request_error"


class NotSupported(BadRequest):
    code = "unsupported_parameter"


class ContextOverflow(BadRequest):
    code = "context_length_exceeded"

    def __init__(self, prompt_tokens: int, context: int, at_least: bool = False, field: str = "messages") -> None:
        amount = f"at least {prompt_tokens}" if at_least else f"{prompt_tokens}"
        # Where it is not clear from the numbers why they do not fit.
        room = ", and at least one token must be left for the answer" if prompt_tokens <= context else ""
        super().__init__(
            f"This model's maximum context length is {context} tokens. However, your {field} resulted in {amount} "
            f"tokens{room}. Please reduce the length of the {field}.",
            param=field,
        )
        self.prompt_tokens = prompt_tokens
        self.context = context
        self.at_least = at_least

    def of(self, field: str) -> "ContextOverflow":
        """The same, of what the client put into another field."""
        return ContextOverflow(self.prompt_tokens, self.context, self.at_least, field)


class Forbidden(SwarmError):
    status = 403
    code = "forbidden"
    kind = "permission_error"


class Unauthorized(SwarmError):
    status = 401
    code = "invalid_api_key"
    kind = "authentication_error"


class NotFound(SwarmError):
    status = 404
    code = "not_found"
    kind = "invalid_request_error"


class ModelNotFound(NotFound):
    code = "model_not_found"


class WrongMethod(SwarmError):
    status = 405
    code = "method_not_allowed"
    kind = "invalid_request_error"


class BodyTooLarge(SwarmError):
    status = 413
    code = "request_too_large"
    kind = "invalid_request_error"


class Unavailable(SwarmError):
    """Nothing is wrong with the request: the same one works later."""

    status = 503
    code = "unavailable"

    def __init__(self, message: str, retry_after: int = 2, model: str = "") -> None:
        """`model`: it is that of another server alone which is away."""
        super().__init__(message)
        self.retry_after = retry_after
        self.model = model


class ModelLoading(Unavailable):
    code = "model_loading"


class Overloaded(Unavailable):
    code = "overloaded"


class EngineDied(Unavailable):
    code = "engine_died"


class NoQuorum(Unavailable):
    code = "no_quorum"

    def __init__(self, wanted: int, valid: int) -> None:
        super().__init__(
            f"{wanted} valid answers were asked for ('quorum'), and {valid or 'none'} came. "
            "Ask for fewer, or try again."
        )


class Unanswered(Unavailable):
    """Whoever was asked may have done it. Only what may be asked twice is asked again."""

    code = "unanswered"


class ShuttingDown(Unavailable):
    code = "shutting_down"


class EngineFault(SwarmError):
    code = "engine_fault"


class HalfDone(SwarmError):
    """It is no 5xx: those are sent again by clients without a word to anybody, and all would be done twice."""

    status = 424
    code = "failed_after_tools"


class UpstreamFault(SwarmError):
    status = 502
    code = "upstream_fault"


class StartError(SwarmError):
    """The node cannot start. The message says what happened, why, and what mends it."""

    code = "cannot_start"


class SettingError(StartError):
    code = "bad_setting"


class ModelUnusable(StartError):
    code = "model_unusable"


class PortTaken(StartError):
    code = "port_taken"
