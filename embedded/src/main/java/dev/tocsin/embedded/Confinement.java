package dev.tocsin.embedded;

import java.util.ArrayList;
import java.util.List;

/**
 * How a child is started here so that it dies with its parent, does not see the terminal's Ctrl-C,
 * and (PostgreSQL) does not run as root.
 *
 * @param prefix what to put before the command; each word replaces itself by the next ({@code
 *     exec}), so the pid stays that of the child
 * @param diesWithParent whether the prefix makes the kernel signal the child when its parent ends;
 *     otherwise a {@link ParentWatch} is needed
 * @param runAs the user the child runs as, or empty for the user of this process
 */
record Confinement(List<String> prefix, boolean diesWithParent, String runAs) {

  Confinement {
    prefix = List.copyOf(prefix);
  }

  /** Wraps a command. */
  List<String> wrap(List<String> command) {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(command);
    return all;
  }

  /** For a child that may run as the user of this process. */
  static Confinement sameUser(String deathSignal) {
    List<String> prefix = new ArrayList<>(ownSession());
    boolean dies = Probes.PARENT_DEATH_SIGNAL;
    if (dies) {
      prefix.addAll(List.of("setpriv", "--pdeathsig", deathSignal));
    }
    return new Confinement(prefix, dies, "");
  }

  /**
   * For a child that refuses to run as root. As root it gets a user namespace of its own, in which
   * it is nobody in particular yet still owns root's files; where that is forbidden it runs as an
   * unprivileged user.
   */
  static Confinement unprivileged(String deathSignal) {
    if (!Probes.ROOT) {
      return sameUser(deathSignal);
    }
    if (Probes.USER_NAMESPACE) {
      return inUserNamespace(deathSignal);
    }
    return asOtherUser(deathSignal);
  }

  static Confinement inUserNamespace(String deathSignal) {
    List<String> prefix = new ArrayList<>(ownSession());
    prefix.addAll(List.of("unshare", "-U"));
    if (Probes.PARENT_DEATH_SIGNAL) {
      prefix.addAll(List.of("setpriv", "--pdeathsig", deathSignal));
    }
    return new Confinement(prefix, Probes.PARENT_DEATH_SIGNAL, "");
  }

  static Confinement asOtherUser(String deathSignal) {
    String user = Probes.OTHER_USER;
    if (user.isEmpty() || !Probes.PARENT_DEATH_SIGNAL) {
      throw new EmbeddedException(
          "user: root (PostgreSQL refuses it; expected: user namespaces (unshare -U), or setpriv of util-linux and a user 'postgres' or 'nobody'; or start as a normal user)");
    }
    List<String> prefix = new ArrayList<>(ownSession());
    prefix.addAll(
        List.of(
            "setpriv",
            "--reuid=" + user,
            "--regid=" + Probes.primaryGroup(user),
            "--init-groups",
            "--pdeathsig",
            deathSignal));
    return new Confinement(prefix, true, user);
  }

  // A session of its own keeps the terminal's Ctrl-C from the child: the parent stops it in order.
  private static List<String> ownSession() {
    return Probes.SESSION ? List.of("setsid") : List.of();
  }

  /** What this machine allows; asked once. */
  private static final class Probes {
    static final boolean ROOT = Commands.works("sh", "-c", "test \"$(id -u)\" = 0");
    static final boolean SESSION = Commands.works("setsid", "true");
    static final boolean PARENT_DEATH_SIGNAL =
        Commands.works("setpriv", "--pdeathsig", "INT", "true");
    static final boolean USER_NAMESPACE = ROOT && Commands.works("unshare", "-U", "true");
    static final String OTHER_USER = ROOT ? otherUser() : "";

    private static String otherUser() {
      for (String user : List.of("postgres", "nobody")) {
        if (Commands.works("id", user)) {
          return user;
        }
      }
      return "";
    }

    static String primaryGroup(String user) {
      return Commands.run(List.of("id", "-g", user), "", java.time.Duration.ofSeconds(10)).output();
    }
  }
}
