"""What is known about a text before any model reads it: placeholders, particles, speakers,
sentences, scripts."""
