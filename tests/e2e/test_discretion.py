"""The real process at LOG_LEVEL=DEBUG: nothing of what people write, are called, or keep secret."""

import asyncio
import signal
from pathlib import Path

import httpx
import pytest

from bot.playground.standin import StandIn
from bot.settings import Settings
from bot.webhook import SECRET_HEADER
from tests.e2e.processes import start_bot
from tests.e2e.talk import ANYA, GROUP, JOHN, TOKEN, Talk
from tests.e2e.test_webhook import free_port

SECRET = "a-secret_of-the-webhook"  # noqa: S105
SAID = "Зюзюка"
FORBIDDEN = [
    *(SAID, SAID.lower(), ascii(SAID).strip("'"), ANYA.first_name, JOHN.first_name),
    *(TOKEN, TOKEN.partition(":")[2], SECRET),
]


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("webhook", [False, True])
async def test_the_log_tells_no_tales(
    standin: StandIn,
    settings: Settings,
    model_file: Path,
    tmp_path: Path,
    *,
    webhook: bool,
    log_format: str,
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/bot"
    environment = {"LOG_FORMAT": log_format}
    if webhook:
        of_webhook = {"WEBHOOK_URL": url, "WEBHOOK_PORT": str(port), "WEBHOOK_SECRET": SECRET}
        environment.update(of_webhook)
    process = await start_bot(standin, settings, model_file, tmp_path, **environment)
    output = asyncio.create_task(process.communicate())
    try:
        standin.send_text(ANYA, f"/name {SAID[:2]}")
        (reply,) = await standin.wait_for(lambda: standin.replies(ANYA), timeout=60)
        anya, john = Talk(standin, ANYA), Talk(standin, JOHN, GROUP)
        await anya.press(reply, "👍")
        await anya.say(f"{SAID} {SAID}")
        for method in ("sendMessage", "answerCallbackQuery", "getUpdates"):
            standin.fail_next(method, code=400, description=f"Bad Request: can't parse {SAID}")
            standin.send_text(ANYA, f"/name {SAID}")
            standin.press(ANYA, reply.id, str(reply.keyboard[0][1]["callback_data"]))
            await john.say(f"/name {SAID[:3]}")
        if webhook:
            async with httpx.AsyncClient() as client:
                for secret, body in ((SECRET, SAID), (f"{SECRET}x", SAID), (SECRET, f'"{SAID}"')):
                    await client.post(url, content=body, headers={SECRET_HEADER: secret})
    finally:
        process.send_signal(signal.SIGTERM)
        log = (await output)[0].decode()
    assert process.returncode == 0
    assert "Answering as" in log
    assert [words for words in FORBIDDEN if words in log] == [], log
