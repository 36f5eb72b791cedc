class Wide:
    pass


wide = Wide()
for number in range(300):
    setattr(wide, f"a{number}", number)
wide.a299 = "changed"
wide.a5 = "changed"
del wide.a4
wide.a298 += 1
after = 1
