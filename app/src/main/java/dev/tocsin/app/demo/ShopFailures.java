package dev.tocsin.app.demo;

/** The exceptions the shop's code throws when it is broken. */
final class ShopFailures {
  private ShopFailures() {}

  static Failure.Thrown gatewayTimeout() {
    return Failure.Thrown.at(
        "java.net.http.HttpTimeoutException",
        "api.cards.example did not answer in 2000 ms",
        "dev.shop.payment.CardGateway.post(CardGateway.java:87)",
        "dev.shop.payment.CardGateway.charge(CardGateway.java:52)",
        "dev.shop.payment.ChargeHandler.handle(ChargeHandler.java:41)",
        "dev.shop.http.Router.dispatch(Router.java:118)");
  }

  static Failure.Thrown deadlock() {
    return Failure.Thrown.at(
        "org.postgresql.util.PSQLException",
        "ERROR: deadlock detected",
        "org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2725)",
        "dev.shop.inventory.StockStore.reserve(StockStore.java:63)",
        "dev.shop.inventory.ReservationHandler.handle(ReservationHandler.java:38)",
        "dev.shop.http.Router.dispatch(Router.java:118)");
  }
}
