"""Speed side by side with llama.cpp's own server: `python main.py dev bench`. Figures, not tests."""
