class Custom(Exception):
    def __init__(self, code):
        super().__init__("custom", code)
        self.code = code


plain = ValueError("text", 1, [2])
custom = Custom(7)
custom.extra = {"a": 1}
custom.add_note("noted")
system = OSError(2, "No such file", "name.txt")
group = ExceptionGroup("group", [plain, custom])
exit_error = SystemExit(3)
no_arguments = KeyError()
custom.args = ("replaced",)
