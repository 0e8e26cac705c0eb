package dev.tocsin.incident.notify.email;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;

/**
 * Sees to it that TLS begins only when the server has agreed: the mail client takes whatever is
 * answered to STARTTLS for a yes, and what the server says then would never be known (RFC 3207,
 * section 4).
 */
final class StartTlsWatch extends ChannelDuplexHandler {
  private static final String COMMAND = "STARTTLS\r\n";
  private static final String AGREED = "220";
  private static final int REPLY_SHOWN_MAX = 200;

  private final Consumer<StartTlsRefusedException> refused;
  private final StringBuilder reply = new StringBuilder();
  private boolean asked;
  private boolean over;

  /**
   * @param refused told once, before the connection is closed
   */
  StartTlsWatch(Consumer<StartTlsRefusedException> refused) {
    this.refused = refused;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
      throws Exception {
    asked = asked || (message instanceof ByteBuf bytes && COMMAND.equals(bytes.toString(US_ASCII)));
    super.write(ctx, message, promise);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (asked && !over && message instanceof ByteBuf bytes) {
      int shown = Math.min(bytes.readableBytes(), REPLY_SHOWN_MAX);
      reply.append(bytes.toString(bytes.readerIndex(), shown, US_ASCII));
      if (reply.length() >= AGREED.length()) {
        over = true;
        if (!reply.toString().startsWith(AGREED)) {
          ReferenceCountUtil.release(message);
          refused.accept(new StartTlsRefusedException(firstLine()));
          var unused = ctx.close();
          return;
        }
      }
    }
    super.channelRead(ctx, message);
  }

  private String firstLine() {
    String line = reply.toString().split("[\\r\\n]", 2)[0];
    return line.replaceAll("\\p{Cntrl}+", " ").strip();
  }
}
