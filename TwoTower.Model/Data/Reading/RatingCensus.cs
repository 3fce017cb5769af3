namespace TwoTower.Model.Data.Reading;

/// <summary>What kinds of ratings a source has, by which is decided what rows without one are.</summary>
internal sealed class RatingCensus
{
    private const float LargestRating = 1e8f; // no count of plays is larger, and every unix time since 1973 is
    private readonly Kind _empty = new(), _minusOne = new(), _zero = new(), _words = new(), _numbers = new(), _huge = new();
    private long _belowMinusOne;
    private long _other;
    private long _yes;

    /// <summary>Counts a row.</summary>
    public void Count(RatingKind kind, float rating, RatingReader reader, long ordinal)
    {
        if (kind != RatingKind.Number)
        {
            (kind == RatingKind.Missing ? _empty : _words).Count(reader, ordinal);
            _yes += kind == RatingKind.Yes ? 1 : 0;
            return;
        }

        _numbers.Count(reader, ordinal);
        if (rating == 0)
        {
            _zero.Count(reader, ordinal);
        }
        else if (rating == -1)
        {
            _minusOne.Count(reader, ordinal);
        }
        else if (rating < 0)
        {
            _belowMinusOne++;
        }
        else if (rating != 1)
        {
            _other++;
        }

        if (rating >= LargestRating)
        {
            _huge.Count(reader, ordinal);
        }
    }

    /// <summary>What rows without a rating are: empty ones; -1 where no other rating is negative; 0 where ratings are more than
    /// 0 and 1, and none is negative.</summary>
    /// <param name="options">What was said of them.</param>
    /// <param name="notes">What people are told.</param>
    /// <exception cref="DataException">There are some, and nobody said what they are.</exception>
    public MissingRatings Decide(DataOptions options, List<string> notes)
    {
        if (_words.Rows > 0 && _numbers.Rows > 0)
        {
            throw new DataException($"{_words.Where} has a word for a rating and {_numbers.Where} a number: expected one or the other.");
        }

        if (_words.Rows > _yes)
        {
            notes.Add(FormattableString.Invariant(
                $"Ratings are words: the {_yes} rows of yes are positives, the {_words.Rows - _yes} of no are not."));
        }

        var minusOne = _belowMinusOne == 0 && _minusOne.Rows > 0 && options.Missing != MissingRating.Keep;
        var zero = _belowMinusOne == 0 && _zero.Rows > 0 && _other > 0 && options.Missing != MissingRating.Keep;
        var kinds = new (Kind Kind, string Name)[] { (_empty, "no rating"), (minusOne ? _minusOne : new Kind(), "the rating -1"),
            (zero ? _zero : new Kind(), "the rating 0") }.Where(kind => kind.Kind.Rows > 0).ToArray();
        if (kinds.Length == 0)
        {
            return new MissingRatings(false, false, false, false, false);
        }

        var counts = string.Join(", ", kinds.Select(kind => FormattableString.Invariant($"{kind.Kind.Rows} with {kind.Name}")));
        var choice = options.Missing is MissingRating.Refuse && options.Lenient ? MissingRating.Drop : options.Missing is MissingRating.Keep
            ? MissingRating.Refuse : options.Missing;
        if (choice == MissingRating.Refuse)
        {
            throw new DataException(
                $"{kinds[0].Kind.Where} has {kinds[0].Name}, and nothing says whether that is a like that was not rated, or nothing at "
                    + $"all (there are {counts}): say it with --set data.missing=positive or --set "
                    + $"data.missing=drop{(kinds.Any(kind => kind.Kind != _empty) ? ", or keep if it is a rating like any other" : string.Empty)}.");
        }

        notes.Add(choice == MissingRating.Drop ? $"Left out rows without a rating (data.missing=drop): {counts}."
            : $"Rows without a rating count as positives (data.missing=positive): {counts}.");
        return new MissingRatings(_empty.Rows > 0, minusOne, zero, choice == MissingRating.Positive,
            options.Missing == MissingRating.Refuse);
    }

    /// <exception cref="DataException">Ratings are of the size of times, and nobody named their column.</exception>
    public void RefuseDoubtful(ColumnNames names)
    {
        if (_huge.Rows > 0 && names.Rating is null)
        {
            throw new DataException(
                $"{_huge.Where} has a rating of 100 million or more, which looks like a time or an id: {_huge.Text}. Say which column is "
                + $"which; --set data.ratingColumn=… with the same one settles that it is right.");
        }
    }

    private sealed class Kind
    {
        private RatingReader? _reader;
        private long _ordinal;

        public long Rows { get; private set; }

        public string Where => $"{_reader!.Name}, {_reader.Place(_ordinal)}";

        public string Text => _reader!.Text(_ordinal) ?? "a row of parquet";

        public void Count(RatingReader reader, long ordinal)
        {
            if (Rows++ == 0)
            {
                (_reader, _ordinal) = (reader, ordinal);
            }
        }
    }
}

/// <summary>Which rows have no rating, and what they are.</summary>
internal sealed record MissingRatings(bool AreEmpty, bool AreMinusOne, bool AreZero, bool ArePositive, bool CountsAsBad)
{
    public bool None => !AreEmpty && !AreMinusOne && !AreZero;

    public bool Is(float rating) => (AreEmpty && float.IsNaN(rating)) || (AreMinusOne && rating == -1) || (AreZero && rating == 0);
}
