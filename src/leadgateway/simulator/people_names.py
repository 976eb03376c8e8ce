"""Invented people's names by culture: what they look like, and how they are said in ASCII."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamePart:
    """One given or family name as written, with the Latin spelling an e-mail address would use."""

    written: str
    latin: str


@dataclass(frozen=True, slots=True)
class Culture:
    """The names of one culture and the way a full name is put together from them."""

    given: tuple[NamePart, ...]
    family: tuple[NamePart, ...]
    family_first: bool = False
    joiner: str = " "
    mononyms: int = 0  # per cent of people with one name only


def _parts(listing: str) -> tuple[NamePart, ...]:
    pairs = (entry.strip().partition("/") for entry in listing.split(";"))
    return tuple(NamePart(written, latin or written) for written, _, latin in pairs)


_ENGLISH_GIVEN = _parts(
    "Olivia;Noah;Amelia;James;Mary Ann;Jean-Luc;Zoë;Chloé;DeShawn;Mei-Ling;John Q.;Sarah Jane;"
    "Theo;Grace;Hamish;Priya;Marcus;Siobhán;Renée;Xi;Ty;Alexandria;J. R.;Rosalind"
)

CULTURES = {
    "english": Culture(
        _ENGLISH_GIVEN,
        _parts(
            "Smith;O'Brien;O’Neill;McDonald;Fitzgerald;Taylor-Jones;St. John;Washington Jr.;"
            "Okafor III;Nguyen;D'Angelo;Lee;Montgomery;Patel;Cox;de Souza;Hawthorne-Whitley;"
            "Brown PhD;Null;Test;Ng;Wu;Featherstonehaugh;Mac Giolla"
        ),
    ),
    "portuguese": Culture(
        _parts(
            "Ana;João;Maria Eduarda;José Carlos;Antônia;Luís;Beatriz;Caio;Conceição;Thaís;Íris;"
            "Gonçalo;Zé;Vitória;Raí;Helena;Inês;Davi Lucas;Wellington;Márcia"
        ),
        _parts(
            "Souza;dos Santos;da Silva;de Oliveira Neto;Gonçalves;Araújo Filho;Magalhães Pinto;"
            "e Castro;Sá;Conceição Júnior;Brandão;d'Ávila;Lins e Silva;Muñiz;Pires;Figueirêdo;"
            "Albuquerque de Mello;Assunção;Cunha;Leão"
        ),
    ),
    "spanish": Culture(
        _parts(
            "Sofía;Martín;María José;Ángel;Begoña;Íñigo;Ximena;Guadalupe;Nicolás;Juan Pablo;Óscar;"
            "Lucía;Joaquín;Itzel;Ana Belén;Hernán;Renata;Iker"
        ),
        _parts(
            "García Márquez;de la Cruz;Muñoz;Peña y Lillo;Ibáñez;López de Ayala;Ñíguez;Quispe;"
            "Hernández;del Río;Rodríguez Ortiz;de los Ángeles;Güell;Fernández-Vega;Zúñiga;Paz;"
            "Etxeberria;Ruiz"
        ),
    ),
    "german": Culture(
        _parts(
            "Jürgen;Anneliese;Lukas;Käthe;Björn;Hans-Peter;Sophie;Günther;Mathilde;Ümit;Jörg;Lea"
        ),
        _parts(
            "Müller;von der Heide;Groß;Schönfelder;zu Stolberg;Weiß-Krämer;Freiherr von Ahlen;Böhm;"
            "Öztürk;Strauß;Meyer;van Laak;Huber;Dr. Vogel"
        ),
    ),
    "french": Culture(
        _parts(
            "Élodie;Jean-Baptiste;François;Zoé;Maël;Noémie;Gaël;Anaïs;Hélène;Marie-Ève;Loïc;Aya"
        ),
        _parts(
            "Lefèvre;de La Tour;d'Estaing-Roux;L'Hermite;Dupont;Le Goff;Çelik;Béranger;Nœl;"
            "Saint-Clair;Ma;Desprès"
        ),
    ),
    "italian": Culture(
        _parts("Niccolò;Chiara;Gian Marco;Lucrezia;Matteo;Noè;Beatrice;Salvatore;Maria Sole;Ezio"),
        _parts("Dell'Acqua;De Luca;Rossi;D'Amico;Di Stefano;Forlì;Lo Monaco;Esposito;Bo;Nicolò"),
    ),
    "dutch": Culture(
        _parts("Sanne;Daan;Anne-Fleur;Joost;Maartje;IJsbrand;Thijs;Noor;Renée;Jip"),
        _parts(
            "van der Berg;de Vries;van 't Hoff;in 't Veld;ter Haar;van den IJssel;Jansen;"
            "Op de Beeck;Bakker-de Groot;Visser;'s Gravenmade"
        ),
    ),
    "polish": Culture(
        _parts("Łukasz;Małgorzata;Grażyna;Stanisław;Zofia;Jędrzej;Agnieszka;Piotr;Bożena;Kuba"),
        _parts("Wójcik;Brzęczyszczykiewicz;Nowak-Żak;Świątek;Łoś;Kowalska;Dąbrowski;Źrebiec;Gąska"),
    ),
    "nordic": Culture(
        _parts("Åsa;Björn;Søren;Þóra;Aino;Øyvind;Märta;Lars-Erik;Freyja;Håkon"),
        _parts(
            "Öberg;Bjørnsdóttir;Ångström;Sørensen;af Klint;Þorsteinsson;Järvinen;Lindqvist;Ås;Løvås"
        ),
    ),
    "turkish": Culture(
        _parts("Işıl;İbrahim;Çağla;Ömer;Gülşen;Yiğit;Şule;Deniz;Uğur;Nilgün"),
        _parts("Yıldırım;Öztürk;Çelik;Şahin;Kılıç;Ağaoğlu;Günay;İnce;Aydın;Doğan"),
    ),
    "russian": Culture(
        _parts(
            "Иван/Ivan;Ольга/Olga;Сергей/Sergey;Наталья/Natalya;Пётр/Pyotr;Анна-Мария/Anna-Maria;"
            "Юрий/Yuri;Ксения/Kseniya;Ilya;Екатерина/Ekaterina"
        ),
        _parts(
            "Щербаков/Shcherbakov;Соколова/Sokolova;Мамин-Сибиряк/Mamin-Sibiryak;Ёлкин/Yolkin;"
            "Кузнецов/Kuznetsov;Цой/Tsoi;Orlov;Фёдорова/Fyodorova;Жук/Zhuk"
        ),
    ),
    "ukrainian": Culture(
        _parts("Олена/Olena;Тарас/Taras;Їжак/Yizhak;Соломія/Solomiya;Андрій/Andriy;Юлія/Yuliya"),
        _parts(
            "Шевченко/Shevchenko;Кульчицька/Kulchytska;Лук'яненко/Lukyanenko;Ґудзь/Gudz;"
            "Нечуй-Левицький/Nechuy-Levytsky;Бойко/Boyko"
        ),
    ),
    "greek": Culture(
        _parts("Γιώργος/Giorgos;Ελένη/Eleni;Δημήτρης/Dimitris;Άννα/Anna;Nikos;Ζωή/Zoi"),
        _parts("Παπαδοπούλου/Papadopoulou;Αγγελής/Angelis;Χατζή/Chatzi;Ξένος/Xenos;Vlachos"),
    ),
    "hebrew": Culture(
        _parts("נועה/Noa;דוד/David;תמר/Tamar;יוסי/Yossi;Shira;איתי/Itai"),
        _parts("בן דוד/Ben David;כהן/Cohen;לוי/Levi;בר-און/Bar-On;Mizrahi;פרץ/Peretz"),
    ),
    "arabic": Culture(
        _parts(
            "محمد/Mohammed;فاطمة/Fatima;عبد الرحمن/Abdulrahman;ليلى/Layla;Omar;نور/Nour;"
            "Abd al-Aziz;خالد/Khaled;مريم/Maryam;Yasmin"
        ),
        _parts(
            "الحربي/Al Harbi;بن سعيد/bin Saeed;Al-Farsi;عبد الله/Abdullah;El Masry;"
            "الزهراني/Al Zahrani;bint Hamad;حداد/Haddad;Abu Zayd;منصور/Mansour"
        ),
    ),
    "indian": Culture(
        _parts(
            "Priya;अनन्या/Ananya;Venkata;Harpreet;Md.;Lakshmi;राहुल/Rahul;தமிழ்/Tamizh;Aarav;"
            "S. K.;Ishita;Farhan"
        ),
        _parts(
            "Sharma;Iyer;शर्मा/Sharma;Singh Gill;Venkataraman;Khan;D'Souza;Bose;Narayanaswamy;"
            "Rao;Ali;Chattopadhyay"
        ),
        mononyms=8,
    ),
    "indonesian": Culture(
        _parts("Slamet;Dewi;Budi;Siti;Wayan;Ni Luh;Agus;Ratna;Joko;Putri"),
        _parts("Wibowo;Santoso;Kusuma;Hidayat;Siregar;Nasution;Lim;Pratama;Halim;Tan"),
        mononyms=35,
    ),
    "chinese": Culture(
        _parts(
            "伟/Wei;秀英/Xiuying;丽/Li;建国/Jianguo;梓涵/Zihan;婷婷/Tingting;宇轩/Yuxuan;芳/Fang;"
            "子墨/Zimo;欣怡/Xinyi"
        ),
        _parts(
            "王/Wang;欧阳/Ouyang;李/Li;司马/Sima;张/Zhang;吕/Lyu;陈/Chen;诸葛/Zhuge;赵/Zhao;黄/Huang"
        ),
        family_first=True,
        joiner="",
    ),
    "singaporean": Culture(
        _parts("Wei Ming;Hui Min;Nurul;Arun;Jia Hao;Siew Ling;Farid;Xin Yi"),
        _parts("Tan;Lim;Ng;Teo;Goh;Ong;Koh;Chua"),
        family_first=True,
    ),
    "japanese": Culture(
        _parts(
            "さくら/Sakura;健太/Kenta;陽子/Yoko;ジョン/Jon;大輔/Daisuke;美咲/Misaki;翔/Sho;結衣/Yui"
        ),
        _parts(
            "佐藤/Sato;髙橋/Takahashi;伊集院/Ijuin;小野寺/Onodera;鈴木/Suzuki;林/Hayashi;𠮷田/Yoshida;東/Azuma"
        ),
        family_first=True,
        joiner=" ",
    ),
    "korean": Culture(
        _parts(
            "민준/Min-jun;서연/Seo-yeon;지훈/Ji-hoon;하은/Ha-eun;도윤/Do-yun;수아/Su-a;준/Jun;예은/Ye-eun"
        ),
        _parts("김/Kim;이/Lee;박/Park;남궁/Namgung;최/Choi;정/Jung;황보/Hwangbo;윤/Yoon"),
        family_first=True,
        joiner="",
    ),
    "vietnamese": Culture(
        _parts("Thị Hồng;Văn Đức;Quỳnh Anh;Minh;Ngọc Ánh;Hữu Phước;Thùy Dương;Bảo"),
        _parts("Nguyễn;Trần;Phạm;Đặng;Võ;Huỳnh;Lê;Bùi"),
        family_first=True,
    ),
    "african": Culture(
        _parts("Chinedu;Thandiwe;Oluwaṣeun;Sipho;Ngozi;Pieter;Ọlá;Lerato;Emeka;Nokuthula"),
        _parts("Okonkwo;Dlamini;van der Merwe;Adébáyọ̀;Nkosi;Eze;du Plessis;Ọbáfẹ́mi;Mokoena;Naidoo"),
    ),
    "filipino": Culture(
        _parts("Maria Cristina;Jun-Jun;Rizal;Ligaya;Jose Mari;Bituin;Althea;Crisanto"),
        _parts("dela Cruz;Macaraeg;Tan-Reyes;de los Santos Jr.;Bautista;Ocampo;Sy;Villanueva"),
    ),
}
