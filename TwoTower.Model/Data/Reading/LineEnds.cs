namespace TwoTower.Model.Data.Reading;

/// <summary>One kind of line end for a text that mixes them.</summary>
internal static class LineEnds
{
    /// <summary>The text with \n in place of \r\n and of a lone \r.</summary>
    public static Stream Unified(Stream text) => new UnifiedStream(text);

    private sealed class UnifiedStream(Stream text) : Stream
    {
        private bool _afterReturn;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            while (true)
            {
                var read = text.Read(buffer);
                if (read == 0)
                {
                    return 0;
                }

                var kept = 0;
                for (var n = 0; n < read; n++)
                {
                    var value = buffer[n];
                    if (value != '\n' || !_afterReturn)
                    {
                        buffer[kept++] = value == '\r' ? (byte)'\n' : value;
                    }

                    _afterReturn = value == '\r';
                }

                if (kept > 0)
                {
                    return kept;
                }
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            text.Dispose();
            base.Dispose(disposing);
        }
    }
}
