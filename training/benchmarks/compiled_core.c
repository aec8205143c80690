/* What comes after segmentation, compiled: terms looked up, counted, weighed, multiplied.

   A sketch, to measure what a compiled core would bring; compiled_core.py compiles and checks it.
   It computes what classifier/features/tfidf.py and classifier/linear.py do for the vocabulary,
   idf and one-byte weights of a model, text by text. All that is known of a term lies in one row
   of whole cache lines, and terms are counted in their rows: one call at a time, then. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define N_CODE_POINTS 0x30000 /* planes 0 to 2, where Chinese is; all above are one */
#define NEWLINE 0x0A          /* parts the texts */
#define ABSENT (-1)

typedef struct {
    float idf, scale;
    int32_t count; /* in the present text; 0 between texts */
    int8_t codes[]; /* one a topic */
} Term;

typedef struct {
    uint64_t key;
    int32_t id; /* ABSENT in an empty slot */
} Slot;

typedef struct {
    Slot *slots;
    uint64_t mask;
} Table;

typedef struct {
    Table words, grams;
    int32_t *character_ids;
    uint32_t *word_points; /* all words one after the other */
    int64_t *word_starts;
    char *terms;
    size_t term_size;
    float *intercept, *sums; /* sums: of words, then of characters, a number a topic each */
    int32_t n_words, n_ignored, n_topics, ngram_max, sublinear;
    int32_t *atoms, *touched; /* of one text; as many as it may need */
    uint8_t *read_over;       /* its characters that belong to ignored words */
    int64_t capacity;
} Core;

static uint64_t mix(uint64_t key) { /* the end of SplitMix64 */
    key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9u;
    key = (key ^ (key >> 27)) * 0x94D049BB133111EBu;
    return key ^ (key >> 31);
}

static uint64_t hash_word(const uint32_t *points, int64_t length) {
    uint64_t key = (uint64_t)length;
    for (int64_t i = 0; i < length; i++) key = (key ^ points[i]) * 0x9E3779B97F4A7C15u;
    return mix(key);
}

/* Keys of words are hashed already; those of n-grams are two ids side by side. */
static uint64_t hash_gram(int32_t prefix, int32_t atom) {
    return mix((uint64_t)(uint32_t)prefix << 32 | (uint32_t)atom);
}

static Table new_table(int64_t n) {
    Table table;
    uint64_t size = 16;
    while (size < 2 * (uint64_t)n) size *= 2; /* at most half full */
    table.mask = size - 1;
    table.slots = malloc(size * sizeof(Slot));
    for (uint64_t i = 0; i < size; i++) table.slots[i].id = ABSENT;
    return table;
}

static void insert(Table table, uint64_t key, int32_t id) {
    uint64_t at = key & table.mask;
    while (table.slots[at].id != ABSENT) at = (at + 1) & table.mask;
    table.slots[at].key = key;
    table.slots[at].id = id;
}

static Term *term(const Core *core, int32_t id) {
    return (Term *)(core->terms + (size_t)id * core->term_size);
}

static int32_t find_word(const Core *core, const uint32_t *points, int64_t length) {
    uint64_t key = hash_word(points, length);
    for (uint64_t at = key & core->words.mask;; at = (at + 1) & core->words.mask) {
        Slot slot = core->words.slots[at];
        if (slot.id == ABSENT) return ABSENT;
        const int64_t *starts = core->word_starts + slot.id;
        if (slot.key == key && starts[1] - starts[0] == length &&
            !memcmp(core->word_points + starts[0], points, (size_t)length * sizeof *points))
            return slot.id;
    }
}

static int32_t find_gram(const Core *core, int32_t prefix, int32_t atom) {
    uint64_t key = hash_gram(prefix, atom); /* mix loses nothing, so equal keys are equal pairs */
    for (uint64_t at = key & core->grams.mask;; at = (at + 1) & core->grams.mask) {
        Slot slot = core->grams.slots[at];
        if (slot.id == ABSENT || slot.key == key) return slot.id;
    }
}

/* Ignored words come after the others; they are looked up like them, and have no term. */
Core *core_new(const uint32_t *word_points, const int64_t *word_starts, int32_t n_words,
               int32_t n_ignored, const uint32_t *characters, int32_t n_characters,
               const int32_t *grams, int32_t n_grams, const float *idf, const int8_t *codes,
               const float *scales, const float *intercept, int32_t n_topics, int32_t ngram_max,
               int32_t sublinear) {
    Core *core = calloc(1, sizeof *core);
    int32_t n_atoms = n_words + n_characters, n_terms = n_atoms + n_grams;
    int32_t n_listed = n_words + n_ignored;
    size_t n_points = (size_t)word_starts[n_listed];
    core->n_words = n_words, core->n_ignored = n_ignored;
    core->n_topics = n_topics, core->ngram_max = ngram_max, core->sublinear = sublinear;
    core->word_points = malloc(n_points * sizeof *word_points + 1);
    memcpy(core->word_points, word_points, n_points * sizeof *word_points);
    core->word_starts = malloc((size_t)(n_listed + 1) * sizeof *word_starts);
    memcpy(core->word_starts, word_starts, (size_t)(n_listed + 1) * sizeof *word_starts);
    core->words = new_table(n_listed);
    for (int32_t i = 0; i < n_listed; i++)
        insert(core->words,
               hash_word(word_points + word_starts[i], word_starts[i + 1] - word_starts[i]), i);
    core->character_ids = malloc((N_CODE_POINTS + 1) * sizeof(int32_t));
    for (int32_t i = 0; i <= N_CODE_POINTS; i++) core->character_ids[i] = ABSENT;
    for (int32_t i = 0; i < n_characters; i++) core->character_ids[characters[i]] = n_words + i;
    core->grams = new_table(n_grams);
    for (int32_t i = 0; i < n_grams; i++)
        insert(core->grams, hash_gram(grams[2 * i], grams[2 * i + 1]), n_atoms + i);
    core->term_size = (sizeof(Term) + (size_t)n_topics + 63) / 64 * 64;
    core->terms = aligned_alloc(64, core->term_size * (size_t)(n_terms + 1));
    for (int32_t i = 0; i < n_terms; i++) {
        Term *one = term(core, i);
        one->idf = idf[i], one->scale = scales[i], one->count = 0;
        memcpy(one->codes, codes + (size_t)i * (size_t)n_topics, (size_t)n_topics);
    }
    core->intercept = malloc((size_t)n_topics * sizeof(float));
    memcpy(core->intercept, intercept, (size_t)n_topics * sizeof(float));
    core->sums = malloc((size_t)n_topics * sizeof(float));
    return core;
}

/* Count a text's terms of one kind and add their part to the margins; return how many differ. */
static int64_t add_block(Core *core, int64_t n_atoms, float *restrict margins) {
    const int32_t *atoms = core->atoms;
    int32_t n_topics = core->n_topics;
    float *restrict sums = core->sums;
    int64_t n_touched = 0;
    for (int64_t i = 0; i + 1 < n_atoms; i++) /* both will be in the cache when needed */
        if (atoms[i] != ABSENT) {
            __builtin_prefetch(term(core, atoms[i]));
            __builtin_prefetch(core->grams.slots +
                               (hash_gram(atoms[i], atoms[i + 1]) & core->grams.mask));
        }
    for (int64_t i = 0; i < n_atoms; i++) {
        int32_t id = atoms[i];
        for (int64_t next = i + 1; id != ABSENT; next++) {
            if (!term(core, id)->count++) core->touched[n_touched++] = id;
            if (next - i >= core->ngram_max || next >= n_atoms || atoms[next] == ABSENT) break;
            id = find_gram(core, id, atoms[next]);
        }
    }
    double squares = 0;
    memset(sums, 0, (size_t)n_topics * sizeof *sums);
    for (int64_t i = 0; i < n_touched; i++) {
        Term *one = term(core, core->touched[i]);
        float tf = (float)one->count, value;
        if (one->count > 1 && core->sublinear) tf = 1 + logf(tf);
        one->count = 0;
        value = tf * one->idf;
        squares += value * value;
        value *= one->scale;
        for (int32_t k = 0; k < n_topics; k++) sums[k] += value * one->codes[k];
    }
    float length = squares > 0 ? (float)sqrt(squares) : 1;
    for (int32_t k = 0; k < n_topics; k++) margins[k] += sums[k] / length;
    return n_touched;
}

static void grow(Core *core, int64_t n_points) {
    if (n_points <= core->capacity) return;
    core->capacity = n_points;
    core->atoms = realloc(core->atoms, (size_t)n_points * sizeof(int32_t));
    core->read_over = realloc(core->read_over, (size_t)n_points);
    core->touched =
        realloc(core->touched, (size_t)(n_points * core->ngram_max) * sizeof(int32_t));
}

/* Margins of texts joined by newlines, each newline a token: (n_texts, n_topics), and whether
   each has a known term. `lengths` are those of the tokens, n_points together. */
void core_margins(Core *core, const uint32_t *points, int64_t n_points, const int64_t *lengths,
                  int64_t n_tokens, float *margins, uint8_t *known) {
    int64_t at = 0, token = 0;
    grow(core, n_points + 1);
    for (;; margins += core->n_topics, known++) {
        int64_t start = at, n_atoms = 0, n_known;
        for (; token < n_tokens && points[at] != NEWLINE; at += lengths[token++]) {
            int32_t id = find_word(core, points + at, lengths[token]);
            core->atoms[n_atoms++] = id < core->n_words ? id : ABSENT;
            if (core->n_ignored)
                memset(core->read_over + at - start, id >= core->n_words, (size_t)lengths[token]);
        }
        memcpy(margins, core->intercept, (size_t)core->n_topics * sizeof *margins);
        n_known = add_block(core, n_atoms, margins);
        for (int64_t i = start; i < at; i++) {
            uint32_t point = points[i] < N_CODE_POINTS ? points[i] : N_CODE_POINTS;
            int ignored = core->n_ignored && core->read_over[i - start];
            core->atoms[i - start] = ignored ? ABSENT : core->character_ids[point];
        }
        n_known += add_block(core, at - start, margins);
        *known = n_known > 0;
        if (token >= n_tokens) return;
        at++, token++; /* the newline */
    }
}

void core_free(Core *core) {
    free(core->words.slots), free(core->grams.slots), free(core->character_ids);
    free(core->word_points), free(core->word_starts), free(core->terms);
    free(core->intercept), free(core->sums), free(core->atoms), free(core->touched);
    free(core->read_over);
    free(core);
}
