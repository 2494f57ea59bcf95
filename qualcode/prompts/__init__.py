"""What models are told: one file a step and version, never changed once it has been used."""

from qualcode.prompts.loader import Prompt, PromptError, load_prompt, shipped_prompts

__all__ = ["Prompt", "PromptError", "load_prompt", "shipped_prompts"]
