"""From a folder of files to a tokenizer and a model in memory. Safetensors is all that is ever
loaded."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from pivot_sum.stages.errors import DamagedModel, MissingTokenizer, WrongCheckpoint
from pivot_sum.stages.models.adapters import refuse_adapter
from pivot_sum.stages.models.content import content_hash
from pivot_sum.stages.models.kept import keep
from pivot_sum.stages.models.weights import lacking, weight_files

log = logging.getLogger(__name__)

_TOKENIZER_FILES = (
    "tokenizer.json",
    "sentencepiece.bpe.model",
    "spiece.model",
    "source.spm",
    "vocab.json",
    "tokenizer.model",
)


_SAMPLE = "Hello, #Person1#! 안녕하세요, 3시에 만나요."
"""A text on which a tokenizer class that misreads its file gives itself away."""


def load_tokenizer(folder: Path) -> Any:
    """The folder's own tokenizer. Raises `MissingTokenizer`, `DamagedModel` where config.json is
    broken, and `WrongCheckpoint` for an adapter."""
    refuse_adapter(folder)
    if not any((folder / name).is_file() for name in _TOKENIZER_FILES):
        raise MissingTokenizer(
            f"model folder {folder} has no tokenizer (none of {', '.join(_TOKENIZER_FILES)}); copy"
            " the tokenizer files of the model it was trained from into it"
        )
    config = load_config(folder)  # first, for its error: the tokenizer's would blame the wrong file
    try:
        tokenizer = _faithful_tokenizer(folder)
        if (
            tokenizer.pad_token is None
        ):  # nothing in the folder says which tokens are special, but the model knows
            for name in ("bos", "eos", "pad"):
                if (token := getattr(config, f"{name}_token_id", None)) is not None:
                    setattr(tokenizer, f"{name}_token", tokenizer.convert_ids_to_tokens(token))
        return tokenizer
    # transformers and tokenizers raise nearly everything here, Exception itself included
    except Exception as error:
        raise MissingTokenizer(
            f"the tokenizer in {folder} cannot be loaded: {first_line(error)}. Fetch the tokenizer"
            " files again"
        ) from error


def _faithful_tokenizer(folder: Path) -> Any:
    """The tokenizer as transformers picks it, or as tokenizer.json describes it where the two do
    not read a text alike.

    transformers 5 builds the tokenizer of an architecture anew and takes only the vocabulary from
    the file. Korean models have BART's or T5's architecture with another kind of tokenizer: KoBART
    would read most words as unknown, without an error, and pko-t5 would not load.
    """
    from tokenizers import Tokenizer
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    options = {"local_files_only": True, "trust_remote_code": False}
    file = folder / "tokenizer.json"
    if not file.is_file():
        return AutoTokenizer.from_pretrained(folder, **options)
    meant = Tokenizer.from_file(str(file)).encode(_SAMPLE, add_special_tokens=False).ids
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **options)
        # A class that frames texts with a language cannot be replaced by the bare file.
        if (
            hasattr(tokenizer, "src_lang")
            or tokenizer(_SAMPLE, add_special_tokens=False).input_ids == meant
        ):
            return tokenizer
    # as in load_tokenizer; the file itself is readable, so it is the class that does not fit
    except Exception as error:
        log.debug("%s does not fit the tokenizer class: %s", file, first_line(error))
    return PreTrainedTokenizerFast.from_pretrained(folder, **options)


def load_config(folder: Path) -> Any:
    """The folder's config.json as transformers reads it. Raises `DamagedModel`."""
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # as above
        raise DamagedModel(
            f"{folder / 'config.json'} cannot be read: {first_line(error)}. Fetch the model again"
        ) from error


def load_model(folder: Path, dtype: str, device: str) -> Any:
    """The folder's sequence-to-sequence model, in `dtype`, on `device`, ready to generate.

    Raises `DamagedModel` when the files cannot be read or do not hold every weight,
    `WrongCheckpoint` when the architecture is not an encoder-decoder, and for an adapter.
    """
    refuse_adapter(folder)
    from transformers import AutoModelForSeq2SeqLM

    folder = with_safetensors(folder)
    config = load_config(folder)
    if not config.is_encoder_decoder:
        raise WrongCheckpoint(
            f"the model in {folder} ({config.model_type}) is not an encoder-decoder; translating"
            " and summarising need one, such as NLLB-200 or BART"
        )
    return _with_weights(AutoModelForSeq2SeqLM, folder, config, dtype).to(device).eval()


def load_encoder(folder: Path, device: str) -> Any:
    """The folder's encoder (BERT, RoBERTa, ELECTRA ...) in float32, without a head. Raises as
    `load_model` does, `WrongCheckpoint` where it is no encoder."""
    from transformers import AutoModel

    folder = with_safetensors(folder)
    config = load_config(folder)
    require_encoder(folder, config)
    # Checkpoints of masked language models come without a pooler, and nothing here reads it.
    return _with_weights(AutoModel, folder, config, "float32", unread="pooler.").to(device).eval()


def require_encoder(folder: Path, config: Any) -> None:
    """Raises `WrongCheckpoint` where a model is no encoder, by its configuration, and for an
    adapter."""
    refuse_adapter(folder)
    if config.is_encoder_decoder or getattr(config, "is_decoder", False):
        raise WrongCheckpoint(
            f"the model in {folder} ({config.model_type}) is not an encoder; name one such as"
            " klue/roberta-base"
        )


def _with_weights(auto: Any, folder: Path, config: Any, dtype: str, unread: str = "-") -> Any:
    """The model that transformers' `auto` class makes of a folder with safetensors, every weight
    from the file but those whose name begins with `unread`. Raises `DamagedModel`."""
    import torch
    from transformers.utils import logging as transformers_logging

    # The runner shows progress, and what is wrong with a checkpoint is said in one message below.
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    try:
        model, report = auto.from_pretrained(
            folder,
            config=config,
            dtype=getattr(torch, dtype),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # they are refused below, with a message of ours
            output_loading_info=True,
        )
    except Exception as error:  # as above
        files = ", ".join(sorted(path.name for path in folder.glob("*.safetensors")))
        raise DamagedModel(
            f"the weights in {folder} ({files}) cannot be loaded: {first_line(error)}. A file may"
            " be cut short: fetch it again"
        ) from error
    missing = [key for key in sorted(report["missing_keys"]) if not key.startswith(unread)]
    missing += sorted(str(key) for key in report["mismatched_keys"])
    if missing:  # transformers would fill these with random numbers and go on
        raise DamagedModel(
            f"the weights in {folder} lack {len(missing)} tensors of the architecture, or hold them"
            f" in another size (first: {missing[0]}); the checkpoint is not whole, or its"
            " config.json belongs to another model"
        )
    return model


def with_safetensors(folder: Path) -> Path:
    """The folder itself where it holds safetensors, else a converted copy made once from
    `pytorch_model.bin`.

    The pickle is read by torch's weights-only loader, which runs no code. Raises `DamagedModel`,
    also where one of several files is missing.
    """
    files = weight_files(folder)
    if not files:
        raise DamagedModel(
            f"model folder {folder} holds no weights (no model.safetensors, no pytorch_model.bin);"
            " fetch the model again"
        )
    if missing := lacking(folder):
        raise DamagedModel(
            f"model folder {folder} lacks {', '.join(missing[:3])}: {len(missing)} of the"
            f" {len(files)} files its weights are in. Fetch or copy what is missing into it"
        )
    if files[0].endswith(".safetensors"):
        return folder
    name = content_hash(folder)[:32]
    return keep(
        name,
        f"reading {folder / files[0]} as safetensors",
        lambda target: _convert(folder, [folder / file for file in files], target),
    )


def _convert(folder: Path, pickles: list[Path], target: Path) -> None:
    import torch
    from huggingface_hub import save_torch_state_dict

    weights: dict[str, torch.Tensor] = {}
    for path in pickles:
        try:
            part = torch.load(path, map_location="cpu", weights_only=True)
            if not isinstance(part, dict) or not all(
                isinstance(weight, torch.Tensor) for weight in part.values()
            ):
                raise TypeError("it does not hold tensors by name")
            weights |= part
        except (
            Exception
        ) as error:  # a cut zip, a pickle that wants to run code, a file of another kind
            raise DamagedModel(
                f"{path} cannot be read by torch's weights-only loader: {first_line(error)}. Fetch"
                " it again; a file that needs anything but tensors is refused on purpose"
            ) from error
    for path in folder.iterdir():
        if path.is_file() and path.suffix != ".bin" and not path.name.endswith(".bin.index.json"):
            shutil.copy2(path, target)
    save_torch_state_dict(weights, target)
    (target / "converted-from.json").write_text(
        json.dumps([path.name for path in pickles]), encoding="utf-8"
    )


def first_line(error: Exception) -> str:
    """What went wrong, for the inside of a message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
