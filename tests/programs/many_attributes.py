class Wide:
    pass


wide = Wide()
for index in range(60):
    setattr(wide, f"attribute{index}", index)
wide.attribute5 = "changed"
del wide.attribute10
wide.attribute59 = wide
