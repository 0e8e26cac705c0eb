package dev.tocsin.app.demo;

/** What goes wrong in the shop from time to time. */
public enum Fault {
  /** The card gateway is slow and lets 40 % of the charges fail. */
  PAYMENT_GATEWAY("payment: the card gateway is slow and fails 40 % of the charges"),
  /** Reservations wait for row locks and some end in a deadlock. */
  INVENTORY_LOCKS("inventory: reservations wait for locks and 30 % end in a deadlock");

  private final String description;

  Fault(String description) {
    this.description = description;
  }

  /** One line for people who watch. */
  public String description() {
    return description;
  }
}
