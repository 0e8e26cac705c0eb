package dev.tocsin.app.demo;

import static dev.tocsin.app.demo.ShopService.CART;
import static dev.tocsin.app.demo.ShopService.CHECKOUT;
import static dev.tocsin.app.demo.ShopService.FRONTEND;
import static dev.tocsin.app.demo.ShopService.INVENTORY;
import static dev.tocsin.app.demo.ShopService.PAYMENT;
import static dev.tocsin.app.demo.ShopService.SHIPPING;

import dev.tocsin.app.demo.Calls.Reply;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.SpanKind;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What visitors of the shop do and what the services make of it, as plans: no clock, no I/O, the
 * same for the same randomness. It keeps the stock, so it is used by one thread.
 */
final class ShopScenario {
  private static final String ORDERS = "orders";
  private static final List<String> PRODUCTS =
      List.of("alarm-bell", "brass-hammer", "church-clock", "door-chime", "fire-siren");
  private static final List<String> BROWSERS =
      List.of(
          "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0 Safari/537.36",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Mobile/15E148 Safari/604.1");
  private static final int STOCK_FULL = 120;
  private static final int STOCK_LOW = 15;
  private static final int ORDERS_A_BATCH = 5;
  private static final int CHARGES_FAILING_PERCENT = 40;
  private static final int RESERVATIONS_FAILING_PERCENT = 30;

  private final RandomGenerator random;
  private final Calls calls;
  private final int[] stock = {STOCK_FULL, STOCK_FULL, STOCK_FULL, STOCK_FULL, STOCK_FULL};
  private int ordersSinceBatch;
  private long orders = 10_000;

  ShopScenario(RandomGenerator random) {
    this.random = random;
    this.calls = new Calls(random);
  }

  /** What happens next: one visitor's request, or a batch when enough orders wait for it. */
  Operation next(Optional<Fault> fault) {
    if (ordersSinceBatch >= ORDERS_A_BATCH) {
      ordersSinceBatch = 0;
      return tidyCarts();
    }
    int dice = random.nextInt(100);
    if (dice < 35) {
      return home();
    } else if (dice < 60) {
      return product();
    } else if (dice < 78) {
      return addToCart();
    }
    return order(fault);
  }

  private Operation home() {
    Reply list =
        calls.reply(
            calls
                .server(INVENTORY, "GET", "/products", "/products", 2)
                .step(
                    calls
                        .sql(
                            INVENTORY,
                            "product",
                            "select id, name, price, stock from product order by rank limit $1",
                            4)
                        .build()),
            200);
    Operation render =
        Operation.of(FRONTEND, SpanKind.INTERNAL, "render home")
            .with("shop.template", "home.html")
            .takes(calls.around(3), 0)
            .build();
    return calls
        .reply(
            visitor("GET", "/", "/")
                .step(calls.request(FRONTEND, "GET", list))
                .step(render)
                .log(Severity.INFO, "served the home page", Attributes.empty()),
            200)
        .operation();
  }

  private Operation product() {
    int which = random.nextInt(PRODUCTS.size());
    boolean known = random.nextInt(100) >= 4;
    String id = known ? PRODUCTS.get(which) : "no-such-thing";
    Operation.Builder lookup =
        calls
            .server(INVENTORY, "GET", "/products/{id}", "/products/" + id, 1.5)
            .step(
                calls
                    .sql(
                        INVENTORY,
                        "product",
                        "select id, name, price, stock from product where id = $1",
                        2)
                    .with("db.response.returned_rows", known ? 1 : 0)
                    .build())
            .measure(stockOf(which));
    if (!known) {
      lookup.log(
          Severity.WARN,
          "no product " + id,
          Attributes.builder().put("shop.product.id", id).build());
    }
    Reply found = calls.reply(lookup, known ? 200 : 404);
    return calls
        .reply(
            visitor("GET", "/product/{id}", "/product/" + id)
                .with("shop.product.id", id)
                .step(calls.request(FRONTEND, "GET", found)),
            found.status())
        .operation();
  }

  private Operation addToCart() {
    String cart = cartId();
    String product = PRODUCTS.get(random.nextInt(PRODUCTS.size()));
    Attributes details =
        Attributes.builder().put("shop.cart.id", cart).put("shop.product.id", product).build();
    Reply added =
        calls.reply(
            calls
                .server(CART, "POST", "/carts/{id}/items", "/carts/" + cart + "/items", 1.5)
                .step(calls.redis(CART, "HINCRBY", "cart:" + cart + " " + product + " 1", 0.5))
                .step(calls.redis(CART, "EXPIRE", "cart:" + cart + " 3600", 0.4))
                .log(Severity.INFO, "put " + product + " into cart " + cart, details),
            201);
    return calls
        .reply(visitor("POST", "/cart", "/cart").step(calls.request(FRONTEND, "POST", added)), 303)
        .operation();
  }

  private Operation order(Optional<Fault> fault) {
    String order = "o-" + ++orders;
    String cart = cartId();
    int which = random.nextInt(PRODUCTS.size());
    double price = 10 + random.nextInt(90);
    Operation.Builder checkout =
        calls.server(CHECKOUT, "POST", "/orders", "/orders", 4).with("shop.order.id", order);
    checkout.step(calls.request(CHECKOUT, "GET", readCart(cart)));

    Reply reserved = reserve(order, which, fault);
    checkout.step(calls.request(CHECKOUT, "POST", reserved));
    Reply last = reserved;
    if (!reserved.failed()) {
      last = charge(order, price, fault);
      checkout.step(calls.request(CHECKOUT, "POST", last));
    }
    Reply placed = last.failed() ? refuse(checkout, order, last) : accept(checkout, order, price);
    return calls
        .reply(
            visitor("POST", "/checkout", "/checkout")
                .with("shop.order.id", order)
                .step(calls.request(FRONTEND, "POST", placed)),
            placed.failed() ? 500 : 303)
        .operation();
  }

  private Reply readCart(String cart) {
    return calls.reply(
        calls
            .server(CART, "GET", "/carts/{id}", "/carts/" + cart, 1)
            .step(calls.redis(CART, "HGETALL", "cart:" + cart, 0.6)),
        200);
  }

  private Reply reserve(String order, int which, Optional<Fault> fault) {
    boolean locked = fault.filter(Fault.INVENTORY_LOCKS::equals).isPresent();
    boolean deadlock = locked && random.nextInt(100) < RESERVATIONS_FAILING_PERCENT;
    Operation.Builder server =
        calls
            .server(INVENTORY, "POST", "/reservations", "/reservations", 2)
            .with("shop.order.id", order);
    Operation.Builder update =
        calls
            .sql(
                INVENTORY,
                "product",
                "update product set stock = stock - $2 where id = $1 and stock >= $2",
                locked ? 1_400 : 5)
            .with("db.response.returned_rows", deadlock ? 0 : 1);
    if (deadlock) {
      Failure.Thrown thrown = ShopFailures.deadlock();
      update.with("db.response.status_code", "40P01").fails(Failure.of(thrown));
      server
          .step(update.build())
          .log(Severity.ERROR, "reservation of " + order + " failed", details(order, thrown));
      return calls.reply(server, 503, Optional.of(Failure.of(thrown)));
    }
    stock[which] = stock[which] > STOCK_LOW ? stock[which] - 1 : STOCK_FULL;
    if (locked) {
      server.log(
          Severity.WARN, "reservation of " + order + " waited for a row lock", details(order));
    }
    return calls.reply(server.step(update.build()).measure(stockOf(which)), 201);
  }

  private Reply charge(String order, double price, Optional<Fault> fault) {
    boolean slow = fault.filter(Fault.PAYMENT_GATEWAY::equals).isPresent();
    boolean fails = slow && random.nextInt(100) < CHARGES_FAILING_PERCENT;
    Operation.Builder server =
        calls.server(PAYMENT, "POST", "/charges", "/charges", 3).with("shop.order.id", order);
    Operation.Builder gateway =
        calls
            .client(
                PAYMENT, "POST", "https://api.cards.example/v1/charges", "api.cards.example", 443)
            .takes(calls.around(fails ? 2_000 : slow ? 1_100 : 60), 0);
    if (fails) {
      Failure.Thrown thrown = ShopFailures.gatewayTimeout();
      server
          .step(gateway.fails(Failure.of(thrown)).build())
          .log(Severity.ERROR, "charge for " + order + " failed", details(order, thrown))
          .measure(count("shop.payments", "{payment}", "failed"));
      return calls.reply(server, 502, Optional.of(Failure.of(thrown)));
    }
    if (slow) {
      server.log(Severity.WARN, "card gateway slow for " + order, details(order));
    }
    server
        .step(gateway.with("http.response.status_code", 201).build())
        .step(
            calls
                .sql(
                    PAYMENT,
                    "charge",
                    "insert into charge(order_id, amount, currency) values ($1, $2, $3)",
                    3)
                .build())
        .log(Severity.INFO, "charged " + price + " EUR for " + order, details(order))
        .measure(count("shop.payments", "{payment}", "succeeded"));
    return calls.reply(server, 201);
  }

  private Reply accept(Operation.Builder checkout, String order, double price) {
    ordersSinceBatch++;
    Operation ship =
        calls
            .process(SHIPPING, ORDERS, 6)
            .with("messaging.message.id", order)
            .step(
                calls
                    .sql(
                        SHIPPING,
                        "parcel",
                        "insert into parcel(order_id, carrier) values ($1, $2) returning id",
                        3)
                    .build())
            .log(Severity.INFO, "parcel for " + order + " handed to the carrier", details(order))
            .measure(count("shop.parcels", "{parcel}", "sent"))
            .build();
    checkout
        .step(
            calls
                .sql(
                    CHECKOUT,
                    "orders",
                    "insert into orders(id, cart_id, total) values ($1, $2, $3)",
                    3)
                .build())
        .step(calls.send(CHECKOUT, ORDERS, order).follower(ship).build())
        .log(Severity.INFO, "order " + order + " placed", details(order))
        .measure(count("shop.orders", "{order}", "placed"))
        .measure(
            new Measure(Measure.Kind.COUNTER, "shop.revenue", "EUR", price, Attributes.empty()));
    return calls.reply(checkout, 201);
  }

  private Reply refuse(Operation.Builder checkout, String order, Reply cause) {
    String step = cause.operation().service() == PAYMENT ? "payment" : "reservation";
    checkout
        .log(Severity.ERROR, "order " + order + " refused: " + step + " failed", details(order))
        .measure(count("shop.orders", "{order}", "failed"));
    return calls.reply(checkout, 502);
  }

  /** The cart service empties the carts of the orders that were placed meanwhile. */
  private Operation tidyCarts() {
    return calls
        .process(CART, ORDERS, 3)
        .with("messaging.batch.message_count", ORDERS_A_BATCH)
        .readsBatch()
        .step(calls.redis(CART, "DEL", "cart:*", 0.8))
        .log(Severity.DEBUG, "emptied " + ORDERS_A_BATCH + " carts", Attributes.empty())
        .build();
  }

  private Operation.Builder visitor(String method, String route, String path) {
    return calls
        .server(FRONTEND, method, route, path, 5)
        .with("user_agent.original", BROWSERS.get(random.nextInt(BROWSERS.size())))
        .with("client.address", "203.0.113." + (1 + random.nextInt(250)))
        .with("session.id", Integer.toHexString(random.nextInt(1 << 16)));
  }

  private String cartId() {
    return "c-" + random.nextInt(500);
  }

  private Measure stockOf(int which) {
    return new Measure(
        Measure.Kind.GAUGE,
        "shop.stock",
        "{item}",
        stock[which],
        Attributes.builder().put("shop.product.id", PRODUCTS.get(which)).build());
  }

  private static Measure count(String metric, String unit, String outcome) {
    return new Measure(
        Measure.Kind.COUNTER,
        metric,
        unit,
        1,
        Attributes.builder().put("shop.outcome", outcome).build());
  }

  private static Attributes details(String order) {
    return Attributes.builder().put("shop.order.id", order).build();
  }

  private static Attributes details(String order, Failure.Thrown thrown) {
    return Attributes.builder()
        .put("shop.order.id", order)
        .put("exception.type", thrown.type())
        .put("exception.message", thrown.message())
        .put("exception.stacktrace", thrown.stackTrace())
        .build();
  }
}
