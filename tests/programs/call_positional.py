def area(width, height):
    return width * height


total = area(3, 4) + area(height=5, width=6)
