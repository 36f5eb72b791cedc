def remember(item, seen=[]):
    seen.append(item)
    return len(seen)


counts = [remember("a"), remember("b"), remember("c")]
