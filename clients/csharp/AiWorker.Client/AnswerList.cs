using System.Collections.Generic;
using System.Collections.ObjectModel;

namespace AiWorker.Client
{
    /// <summary>
    /// A list in an answer: a <see cref="IReadOnlyList{T}"/> for those who read it, and a <see cref="IList{T}"/> for those who
    /// make an answer, as tests do. An array or a <see cref="List{T}"/> may be assigned to it.
    /// </summary>
    /// <typeparam name="T">What it holds.</typeparam>
    public sealed class AnswerList<T> : Collection<T>
    {
        /// <summary>An empty list.</summary>
        public AnswerList() { }

        /// <summary>A list of these.</summary>
        /// <param name="items">What it holds; copied.</param>
        public AnswerList(IEnumerable<T> items) : base(new List<T>(items)) { }

        /// <summary>A list of what an array holds; null for null.</summary>
        /// <param name="items">The array.</param>
        public static implicit operator AnswerList<T>(T[] items) => items == null ? null! : new AnswerList<T>(items);

        /// <summary>A list of what another holds; null for null.</summary>
        /// <param name="items">The other list.</param>
        public static implicit operator AnswerList<T>(List<T> items) => items == null ? null! : new AnswerList<T>(items);
    }
}
