import Foundation

/// The entry points of libumockdev 0.17 and GObject that the testbed needs.
struct UMockdev {
    typealias Object = LibUSBTestbed.Object
    typealias IoctlHandler = @convention(c) (Object?, Object?, UnsafeMutableRawPointer?) -> Int32

    let newTestbed: @convention(c) () -> Object
    let addFromString: @convention(c) (Object, UnsafePointer<CChar>, UnsafeMutableRawPointer?) -> Int32
    let removeDevice: @convention(c) (Object, UnsafePointer<CChar>) -> Void
    let uevent: @convention(c) (Object, UnsafePointer<CChar>, UnsafePointer<CChar>) -> Void
    let attachIoctl: @convention(c) (Object, UnsafePointer<CChar>, Object, UnsafeMutableRawPointer?) -> Int32
    let detachIoctl: @convention(c) (Object, UnsafePointer<CChar>, UnsafeMutableRawPointer?) -> Int32
    let newIoctlBase: @convention(c) () -> Object
    let request: @convention(c) (Object) -> UInt
    let argument: @convention(c) (Object) -> Object
    let complete: @convention(c) (Object, Int, Int32) -> Void
    let resolve: @convention(c) (Object, UInt, UInt, UnsafeMutableRawPointer?) -> Object?
    let setPointer: @convention(c) (Object, UInt, Object) -> Int32
    let connect:
        @convention(c) (
            Object, UnsafePointer<CChar>, IoctlHandler, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UInt32
        ) -> UInt
    let ref: @convention(c) (Object) -> Object
    let unref: @convention(c) (Object) -> Void

    /// Whether this process runs below umockdev's preload library.
    static let isLoaded =
        ProcessInfo.processInfo.environment["LD_PRELOAD"]?.contains("libumockdev-preload") == true
        && (try? UMockdev()) != nil

    struct Missing: Error {
        let symbol: String
    }

    init() throws {
        let library = dlopen("libumockdev.so.0", RTLD_NOW)
        func load<Function>(_ symbol: String) throws -> Function {
            guard let library, let address = dlsym(library, symbol) else { throw Missing(symbol: symbol) }
            return unsafeBitCast(address, to: Function.self)
        }
        newTestbed = try load("umockdev_testbed_new")
        addFromString = try load("umockdev_testbed_add_from_string")
        removeDevice = try load("umockdev_testbed_remove_device")
        uevent = try load("umockdev_testbed_uevent")
        attachIoctl = try load("umockdev_testbed_attach_ioctl")
        detachIoctl = try load("umockdev_testbed_detach_ioctl")
        newIoctlBase = try load("umockdev_ioctl_base_new")
        request = try load("umockdev_ioctl_client_get_request")
        argument = try load("umockdev_ioctl_client_get_arg")
        complete = try load("umockdev_ioctl_client_complete")
        resolve = try load("umockdev_ioctl_data_resolve")
        setPointer = try load("umockdev_ioctl_data_set_ptr")
        connect = try load("g_signal_connect_data")
        ref = try load("g_object_ref")
        unref = try load("g_object_unref")
    }
}
