package dev.tocsin.testkit.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The books of the law of records: what was accepted, what became of it. A record is told by any
 * name of its own, such as its {@link SimRecord#sequence}.
 */
public final class SimLedger {
  private final Map<Object, Account> accounts = new LinkedHashMap<>();
  private final List<String> findings = new ArrayList<>();

  private static final class Account {
    final String what;
    int used;
    int aside;
    String excuse = "";

    Account(String what) {
      this.what = what;
    }
  }

  /**
   * @param what for people
   */
  public void accepted(Object record, String what) {
    accounts.put(record, new Account(what));
  }

  /** The record need not be used: a fault took it that is told elsewhere. */
  public void excused(Object record, String why) {
    Account account = accounts.get(record);
    if (account != null && account.excuse.isEmpty()) {
      account.excuse = why;
    }
  }

  /** The record was stored or used. */
  public void used(Object record) {
    Account account = accounts.get(record);
    if (account == null) {
      findings.add(record + " was used, but never accepted");
    } else if (++account.used == 2) {
      findings.add(account.what + " was used twice");
    }
  }

  /** The record was put aside as a whole; that may be said more than once. */
  public void aside(Object record) {
    Account account = accounts.get(record);
    if (account == null) {
      findings.add(record + " was put aside, but never accepted");
    } else {
      account.aside++;
    }
  }

  public boolean isUsed(Object record) {
    Account account = accounts.get(record);
    return account != null && account.used > 0;
  }

  public boolean isAside(Object record) {
    Account account = accounts.get(record);
    return account != null && account.aside > 0;
  }

  public boolean isExcused(Object record) {
    Account account = accounts.get(record);
    return account != null && !account.excuse.isEmpty();
  }

  /** Why the record need not be used; empty when it has to be. */
  public String excuse(Object record) {
    Account account = accounts.get(record);
    return account == null ? "" : account.excuse;
  }

  /** How many records were accepted. */
  public int size() {
    return accounts.size();
  }

  /** Something else is wrong. */
  public void finding(String text) {
    findings.add(text);
  }

  /** What breaks the law as of now. */
  public List<String> violations() {
    List<String> all = new ArrayList<>(findings);
    for (Account account : accounts.values()) {
      if (account.used == 0 && account.aside == 0 && account.excuse.isEmpty()) {
        all.add(account.what + " was neither used nor put aside");
      }
      if (account.used > 0 && account.aside > 0) {
        all.add(account.what + " was used and put aside");
      }
    }
    return all;
  }
}
