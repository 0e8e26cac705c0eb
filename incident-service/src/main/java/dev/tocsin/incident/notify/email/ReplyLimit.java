package dev.tocsin.incident.notify.email;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;

/**
 * Counts what a mail server says, and hangs up when it is more than makes sense: the mail client
 * collects a reply until it ends, and whatever answers on that port need never end it. Stands in
 * the pipeline between TLS and the client.
 */
final class ReplyLimit extends ChannelDuplexHandler {
  /** What it says from one thing we say to the next. */
  static final int REPLY_BYTES_MAX = 65_536;

  /** All it says; also while a mail is written, which is said in many pieces. */
  static final int TALK_BYTES_MAX = 262_144;

  private final Consumer<LongReplyException> tooLong;
  private int replyBytes;
  private int talkBytes;
  private boolean ended;

  /**
   * @param tooLong told once, before the connection is closed
   */
  ReplyLimit(Consumer<LongReplyException> tooLong) {
    this.tooLong = tooLong;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
      throws Exception {
    replyBytes = 0;
    super.write(ctx, message, promise);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof ByteBuf bytes) {
      replyBytes += bytes.readableBytes();
      talkBytes += bytes.readableBytes();
      if (replyBytes > REPLY_BYTES_MAX) {
        end(ctx, "the mail server's reply is longer than " + REPLY_BYTES_MAX + " bytes");
      } else if (talkBytes > TALK_BYTES_MAX) {
        end(ctx, "the mail server's replies are longer than " + TALK_BYTES_MAX + " bytes together");
      }
    }
    if (ended) {
      ReferenceCountUtil.release(message);
    } else {
      super.channelRead(ctx, message);
    }
  }

  /** Not by way of TLS, which would say goodbye and go on reading until that is out. */
  private void end(ChannelHandlerContext ctx, String why) {
    if (!ended) {
      ended = true;
      tooLong.accept(new LongReplyException(why));
      var unused = ctx.pipeline().firstContext().close();
    }
  }
}
