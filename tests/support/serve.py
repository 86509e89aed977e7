"""`transformers serve`, the server that comes with transformers, with a small checkpoint that knows
a few conversations by heart.

What was found out about it (transformers 5.23.0, 2026-11-26):
- It needs `transformers[serving]`, and works offline with a local folder. The folder's path is the
  model's name, and answers name it with `@main` behind.
- Pinned to a model (`transformers serve FOLDER`), it loads before it listens, and a request for
  another name is 400 with `detail`, not 404.
- `/v1/models` lists the cache folder of the hub, not what is served, and is 500 where there is no
  such folder: `/health` says that it listens.
- Every mistake in a request (no messages, max_tokens 0, a seed that is no number) is 500 with plain
  text, so that clients try again for nothing. An unknown field, `min_p` among them, is 422.
- `n`, `response_format`, `logprobs` and others are ignored in silence. `seed` is accepted, and sets
  the seed of the whole process. Temperature 0 is greedy.
- Without max_tokens an answer has up to 1,024 tokens. A text longer than the model reads is not
  refused: it is answered with nonsense.
- Requests are computed one after another. One that nobody waits for any more is computed to its
  end all the same, and the next waits for it.
- It checks no key, and logs to stderr.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from checkpoints import ENGLISH, KOREAN

Conversation = tuple[Sequence[dict[str, str]], str]
"""Messages, and the answer to them."""
TASK = "Translate this turn into {}:\n\n{}"
CONVERSATIONS: list[Conversation] = [
    ([{"role": "user", "content": TASK.format(language, text)}], answer)
    for language, texts, answers in (("English", KOREAN, ENGLISH), ("Korean", ENGLISH, KOREAN))
    for text, answer in zip(texts, answers, strict=True)
]
"""What the checkpoint of the fixture `serve` knows."""

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


POSITIONS = 1024


class Served(NamedTuple):
    """A server that runs: the `base_url` of its clients, the name of its model, what it logs."""

    url: str
    model: str
    log: Path


def make_chat(
    folder: Path, conversations: Sequence[Conversation], *, positions: int = 1024
) -> Path:
    """A Llama checkpoint with a byte-level BPE tokenizer and a chat template, trained until it says
    every answer. Raises `AssertionError` where it does not learn that in a minute or so."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1000,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [message["content"] for messages, _ in conversations for message in messages]
    bpe.train_from_iterator([*texts, *(answer for _, answer in conversations)], trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=POSITIONS,
    )
    tokenizer.chat_template = TEMPLATE
    torch.manual_seed(3)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=POSITIONS,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    _learn(model, [_ids(tokenizer, *conversation) for conversation in conversations])
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _ids(tokenizer: Any, messages: Sequence[dict[str, str]], answer: str) -> tuple[int, list[int]]:
    """Where the answer begins, and all tokens."""
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    after = tokenizer(answer, add_special_tokens=False)["input_ids"]
    return len(before), [*before, *after, tokenizer.eos_token_id]


def _learn(model: Any, rows: Sequence[tuple[int, list[int]]]) -> None:
    import torch

    longest = max(len(ids) for _, ids in rows)
    inputs = torch.tensor([ids + [0] * (longest - len(ids)) for _, ids in rows])
    labels = torch.full_like(inputs, -100)
    for row, (start, ids) in enumerate(rows):
        labels[row, start : len(ids)] = inputs[row, start : len(ids)]
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    model.train()
    for _ in range(1000):
        result = model(input_ids=inputs, labels=labels)
        is_right = (result.logits[:, :-1].argmax(-1) == labels[:, 1:]) | (labels[:, 1:] == -100)
        if is_right.all() and result.loss < 0.01:
            return
        result.loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    raise AssertionError(f"the checkpoint has not learnt its answers: loss {result.loss:.3f}")


@contextmanager
def running(model: Path, work: Path, *, seconds: float = 180) -> Iterator[Served]:
    """`transformers serve` of a folder on a free port of this machine, its log and an empty cache
    of the hub in the folder `work`. Raises `RuntimeError` with the log where it does not listen
    after so many seconds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log, hub = work / "serve.log", work / "hub"
    hub.mkdir()
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_CACHE": str(hub),
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": "1",
    }
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(model)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, log, seconds)
        yield Served(f"http://127.0.0.1:{port}/v1", str(model), log)
    finally:
        # The group: the server may have started processes of its own.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            direct.open(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace")[-3000:]
    raise RuntimeError(f"transformers serve does not listen; it said:\n{said}")


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`transformers serve` with a checkpoint that knows `CONVERSATIONS`. A test file that uses it
    imports it."""
    pytest.importorskip("fastapi", reason="pip install 'transformers[serving]'")
    work = tmp_path_factory.mktemp("serve")
    with running(make_chat(work / "model", CONVERSATIONS), work) as served:
        yield served
