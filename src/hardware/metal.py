"""Asks Metal how much memory it recommends to use. Run as a program, never imported: what goes wrong in Apple's
libraries then ends this process and no other."""

import ctypes

FRAMEWORKS = "/System/Library/Frameworks/{0}.framework/{0}"


def main() -> None:
    # Without this one a program that shows nothing on a screen is given no device.
    ctypes.CDLL(FRAMEWORKS.format("CoreGraphics"))
    metal = ctypes.CDLL(FRAMEWORKS.format("Metal"))
    objc = ctypes.CDLL("/usr/lib/libobjc.A.dylib")
    metal.MTLCreateSystemDefaultDevice.restype = ctypes.c_void_p
    objc.sel_registerName.restype = ctypes.c_void_p
    objc.sel_registerName.argtypes = [ctypes.c_char_p]
    send = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p, ctypes.c_void_p)(("objc_msgSend", objc))
    device = metal.MTLCreateSystemDefaultDevice()
    if device:
        for question in ("recommendedMaxWorkingSetSize", "currentAllocatedSize"):
            print(f"{question}: {send(device, objc.sel_registerName(question.encode()))}")


if __name__ == "__main__":
    main()
