def paragraphs(text: str) -> list[str]:
    """The parts of a text between empty lines."""
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
