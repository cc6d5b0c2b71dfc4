import Foundation

/// What the machine lets tests do.
public enum OutsideHelp {
    /// Runs a program in a mount namespace of its own, so that the machine's is left alone.
    public static let namespace = ["unshare", "--mount"] + (geteuid() == 0 ? [] : ["--map-root-user"])

    public static let canMount: Bool = {
        guard let unshare = OutsideProgram("unshare") else { return false }
        let tries = "mount -t tmpfs none /mnt && mount -o remount,ro /mnt"
        return (try? unshare.run(Array(namespace.dropFirst()) + ["sh", "-c", tries])) != nil
    }()

    public static let canTrace: Bool = {
        guard let strace = OutsideProgram("strace") else { return false }
        return (try? strace.run(["-o", "/dev/null", "true"])) != nil
    }()
}
