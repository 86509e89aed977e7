"""The embedded default: a small world of Korean dialogues written for this project.

`grammar` reads the scenarios and samples dialogues from them; `rows` makes data files of them, the
shipped one (`data/heldout.jsonl`) included. The three models of this world lie in
`stages/models/demo`; `pivot_sum.demo_training` makes them.
"""
