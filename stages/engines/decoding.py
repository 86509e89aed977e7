"""How the transformers engine writes an answer token by token: the same tokens as transformers' own
`generate`, with less work.

Both functions are decoding methods as `generate(custom_generate=...)` takes them: it prepares the
encoder's output, the cache and the rules on tokens, they do the rest.

- Greedy: texts whose answer is finished leave the batch, and the scores stay in the model's number
  format (transformers copies those of the whole vocabulary to float32, half a gigabyte a step for
  512 texts of NLLB).
- Beam search is transformers' own, but the beams of a text share its encoder output: the keys and
  values of the cross-attention are computed and kept once for a text instead of once for a beam,
  and need no copying when beams change places.
"""

from __future__ import annotations

from typing import Any

from pivot_sum.stages.models.architectures import architecture

SHARED = "pivot_sum_shared_by_beams"
"""The name of the attention below among those of transformers."""

LEAVE = 0.25
"""Share of a batch that has to be finished before the others move together, which copies their keys
and values."""


def prepare(model: Any) -> bool:
    """Let a loaded model attend to what several beams share, by PyTorch's
    scaled_dot_product_attention. False where the functions below are not for this architecture, and
    plain `generate` has to do.
    """
    if not architecture(model.config.model_type).own_decoding:
        return False
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(SHARED, _attention)
    AttentionMaskInterface.register(SHARED, sdpa_mask)
    model.set_attn_implementation(SHARED)
    return True


def _attention(module: Any, query: Any, key: Any, value: Any, mask: Any, **options: Any) -> Any:
    """scaled_dot_product_attention where the queries of several beams meet the keys of one text: as
    if the beams were positions of one query. Shapes are (rows, heads, positions, size of a head),
    the answer's is (rows, positions, heads, size).
    """
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    beams = query.shape[0] // key.shape[0]
    if beams == 1:
        return sdpa_attention_forward(module, query, key, value, mask, **options)
    rows, heads, positions, size = query.shape
    assert positions == 1, positions
    folded = query.view(rows // beams, beams, heads, size).transpose(1, 2)
    options["is_causal"] = False
    answer, weights = sdpa_attention_forward(module, folded, key, value, mask, **options)
    return answer.reshape(rows, 1, heads, size), weights


def greedy(
    model: Any,
    input_ids: Any,
    logits_processor: Any,
    stopping_criteria: Any,
    generation_config: Any,
    **kwargs: Any,
) -> tuple[list[list[int]], int]:
    """The tokens of each text without the decoder's start, up to the end token; and the positions
    computed for them all."""
    import torch

    ends = torch.as_tensor(generation_config.eos_token_id, device=input_ids.device).flatten()
    exact = generation_config.repetition_penalty in (
        None,
        1.0,
    )  # every other rule allows or forbids, which loses nothing
    cache, attention_mask = kwargs["past_key_values"], kwargs["attention_mask"]
    encoded = kwargs["encoder_outputs"]
    answers: list[list[int]] = [[] for _ in range(input_ids.shape[0])]
    owners = list(range(input_ids.shape[0]))
    open_ = torch.ones(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)
    positions = 0
    while True:
        outputs = model(
            encoder_outputs=encoded,
            attention_mask=attention_mask,
            decoder_input_ids=input_ids[:, -1:],
            past_key_values=cache,
            use_cache=True,
        )
        positions += input_ids.shape[0]
        scores = outputs.logits[:, -1]
        scores = logits_processor(input_ids, scores if exact else scores.float())
        input_ids = torch.cat([input_ids, scores.argmax(-1, keepdim=True)], dim=-1)
        del outputs, scores
        open_ &= ~torch.isin(input_ids[:, -1], ends)
        remaining = int(open_.sum())
        over = remaining == 0 or input_ids.shape[1] >= generation_config.max_length
        if not over and len(owners) - remaining < max(1, LEAVE * len(owners)):
            continue
        for place, (tokens, is_open) in enumerate(
            zip(input_ids[:, 1:].tolist(), open_.tolist(), strict=True)
        ):
            if over or not is_open:
                answers[owners[place]] = tokens
        if over:
            return answers, positions
        kept = open_.nonzero().flatten()
        owners = [owners[place] for place in kept.tolist()]
        cache.batch_select_indices(kept)
        encoded.last_hidden_state = encoded.last_hidden_state[kept]
        input_ids, attention_mask, open_ = input_ids[kept], attention_mask[kept], open_[kept]


def beam_search(
    model: Any,
    input_ids: Any,
    logits_processor: Any,
    stopping_criteria: Any,
    generation_config: Any,
    **kwargs: Any,
) -> tuple[list[list[int]], int]:
    """As `greedy`, the best of `num_beams` hypotheses, whose positions alone are counted."""
    from transformers import EncoderDecoderCache

    class SharedCache(EncoderDecoderCache):  # type: ignore[misc,unused-ignore]  # transformers has no types
        """Of which only the decoder's own part belongs to the beams."""

        def reorder_cache(self, beam_idx: Any) -> None:
            self.self_attention_cache.reorder_cache(beam_idx)

    beams = generation_config.num_beams
    # `generate` has repeated what it read for every beam.
    kwargs["encoder_outputs"].last_hidden_state = kwargs["encoder_outputs"].last_hidden_state[
        ::beams
    ]
    kwargs["attention_mask"] = kwargs["attention_mask"][::beams]
    own, cross = (
        kwargs["past_key_values"].self_attention_cache,
        kwargs["past_key_values"].cross_attention_cache,
    )
    kwargs["past_key_values"] = SharedCache(own, cross)
    sequences = type(model)._beam_search(
        model, input_ids, logits_processor, stopping_criteria, generation_config, **kwargs
    )
    return sequences[:, 1:].tolist(), sequences[:, 1:].numel()
