# oracle: limits
deep = []
for _ in range(50):
    deep = [deep]
wide = [[number] * 5 for number in range(40)]
wide[20][2] = "changed"
tuples = ()
for _ in range(40):
    tuples = (tuples, 1)
chain = None
for number in range(30):
    chain = {"next": chain, "number": number}
chain["number"] = "outermost"
